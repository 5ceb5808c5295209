package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** What happens while a connection is made by {@link ConnectMethod#PUNCH}; fired through the datagram channel's pipeline. */
public sealed interface PunchEvent {

    /**
     * An attempt begins.
     *
     * @param number from 1
     * @param role this side's in QUIC: a client dials, a server is dialled
     */
    record AttemptBegun(int number, QuicRole role) implements PunchEvent {}

    /**
     * The other side has named its addresses.
     *
     * @param number of the attempt
     * @param addresses of the other side's that are of use
     * @param roundTrip by signaling, half of which a server waits before it sends random bytes; of a client, zero
     */
    record AddressesHeard(int number, List<InetSocketAddress> addresses, Duration roundTrip) implements PunchEvent {}

    /**
     * A handshake is complete, and its way is the one in use until ICE nominates another.
     *
     * @param pair the way, with the other side's address as a peer-reflexive candidate
     */
    record Punched(CandidatePair pair) implements PunchEvent {}
}
