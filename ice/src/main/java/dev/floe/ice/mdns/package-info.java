/**
 * Multicast DNS, as much of it as ICE needs: the other side's {@code .local} names are resolved, this side's own ones are
 * answered for. Start reading at {@link dev.floe.ice.mdns.Mdns}.
 *
 * <p>RFC 6762 (multicast DNS), RFC 1035 (messages), draft-ietf-mmusic-mdns-ice-candidates.
 */
package dev.floe.ice.mdns;
