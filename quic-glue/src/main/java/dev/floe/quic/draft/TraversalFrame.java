package dev.floe.quic.draft;

import java.net.InetSocketAddress;
import java.util.OptionalLong;

/** What client and server say to each other about addresses; {@code docs/methods.md} has the bytes. */
public sealed interface TraversalFrame {

    /**
     * The transport parameter nat_traversal, each side's first word.
     *
     * @param concurrencyLimit how many pairs the server probes at once; the client says nothing
     */
    record TransportParameter(OptionalLong concurrencyLimit) implements TraversalFrame {}

    /** ADD_ADDRESS, server to client: the server may be reached there. */
    record AddAddress(long sequence, InetSocketAddress address) implements TraversalFrame {}

    /**
     * PUNCH_ME_NOW, client to server: both probe the way between the two addresses, now.
     *
     * @param round a higher one ends those before
     * @param pairedWith the sequence number of the server's address
     * @param address the client's
     */
    record PunchMeNow(long round, long pairedWith, InetSocketAddress address) implements TraversalFrame {}

    /** REMOVE_ADDRESS, server to client: the server is not reached there any more. */
    record RemoveAddress(long sequence) implements TraversalFrame {}
}
