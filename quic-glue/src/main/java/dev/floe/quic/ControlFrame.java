package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import java.util.Set;

/** What the peers say to each other over the control stream; {@code docs/control-stream.md} has its bytes. */
sealed interface ControlFrame {

    /** The sender's credentials from now on, in place of those that signaling knows. */
    record Credentials(IceCredentials credentials) implements ControlFrame {}

    /** One more candidate of the sender, of the session that its username fragment names. */
    record CandidateLine(String usernameFragment, Candidate candidate) implements ControlFrame {}

    /** The sender has told all candidates that it has just now (RFC 8838 §13). */
    record EndOfCandidates(String usernameFragment) implements ControlFrame {}

    /** The sender begins an ICE restart (RFC 8445 §9), or answers one; candidates follow. */
    record Description(IceCredentials credentials, Set<String> options) implements ControlFrame {}
}
