package dev.floe.ice;

import java.net.InetSocketAddress;

/**
 * A pair that {@link IceHandler#checkDirect} is to check.
 *
 * @param local the address of a local candidate that is not relayed; it is checked from that one's base
 * @param remote the other side's candidate
 */
public record NamedPair(InetSocketAddress local, Candidate remote) {}
