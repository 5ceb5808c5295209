package dev.floe.quic.punch;

import dev.floe.stun.OctetString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** What a {@link PunchSession} wants done. */
public sealed interface PunchOutput {

    /** Another attempt begins, in which this side dials or is dialled; what the one before has begun is over. */
    record Attempt(int number, boolean isDialling) implements PunchOutput {}

    /** Tell the other side. */
    record Say(OctetString message) implements PunchOutput {}

    /** The other side has named its addresses; the round trip is zero unless this side has measured it. */
    record Learn(int attempt, List<InetSocketAddress> addresses, Duration roundTrip) implements PunchOutput {}

    /** Be a QUIC server: the other side, which has been observed at these addresses, is about to dial. */
    record Serve(List<InetSocketAddress> expected) implements PunchOutput {}

    /** Send random bytes there, so that the NAT before this side lets in what comes from there. */
    record Probe(InetSocketAddress destination, OctetString content) implements PunchOutput {}

    /** Dial QUIC to each of these at once. */
    record Dial(List<InetSocketAddress> destinations) implements PunchOutput {}

    /** No attempt is left. */
    record Fail() implements PunchOutput {}
}
