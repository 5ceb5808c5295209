package dev.floe.stun;

import java.net.InetSocketAddress;

/**
 * What a {@link NatBehaviorDiscovery} has found. NATs may behave differently later, under load, or on other ports.
 *
 * @param mapped the client's address as the server sees it
 * @param isTranslated whether that is another than the client's own: whether there is a NAT
 * @param mapping how the NAT maps; without a NAT, endpoint-independent
 * @param filtering how the NAT filters; without a NAT, how a firewall does
 */
public record NatBehaviorReport(
        InetSocketAddress mapped, boolean isTranslated, NatFinding mapping, NatFinding filtering) {}
