package dev.floe.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** A fact about an ICE session, fired by {@link IceHandler} through its pipeline as a user event, in order. */
public sealed interface IceEvent {

    /** A local candidate was gathered. */
    record LocalCandidateAdded(Candidate candidate) implements IceEvent {}

    /** A local candidate is none any more: its address is gone, or the NAT has given another. */
    record LocalCandidateRemoved(Candidate candidate) implements IceEvent {}

    /** No more local candidates follow: time to say so to the other side (RFC 8838 §13). */
    record GatheringCompleted() implements IceEvent {}

    /**
     * The session starts over with new credentials (RFC 8445 §9), by {@link IceHandler#restart} or because the other
     * side did so. The other side is to be told {@code local}; the local candidates that follow go with it.
     */
    record Restarted(IceDescription local) implements IceEvent {}

    /** This side has fresh credentials besides those before, by {@link IceHandler#newCredentials}. */
    record CredentialsAdded() implements IceEvent {}

    /** A restart found no pair; the one that was in use before still is. */
    record RestartFailed() implements IceEvent {}

    /**
     * Nothing may be sent over the pair in use any more (RFC 7675 §5.1); the restart that is under way goes on looking
     * for another one.
     */
    record ConsentExpired(CandidatePair pair) implements IceEvent {}

    /** A remote candidate was signaled, or learned from an authenticated check (peer-reflexive). */
    record RemoteCandidateAdded(Candidate candidate) implements IceEvent {}

    /** The agent went over to {@code state}. */
    record StateChanged(IceState state) implements IceEvent {}

    /** The role switched because both sides claimed the same one (RFC 8445 §7.3.1.1). */
    record RoleSwitched(IceRole role) implements IceEvent {}

    /** The far end of a pair has proven that it knows this session's password; nothing is known yet of the way back. */
    record PairAuthenticated(CandidatePair pair) implements IceEvent {}

    /** A candidate pair was formed, and may be checked. */
    record PairAdded(CandidatePair pair) implements IceEvent {}

    /** The pair's check went over to {@code state}. */
    record PairStateChanged(CandidatePair pair, CandidatePairState state) implements IceEvent {}

    /** The pair will not be checked any more: a better one is in use, or there were too many. */
    record PairRemoved(CandidatePair pair) implements IceEvent {}

    /** A check of the pair succeeded: it carries data both ways. {@code rtt} bounds its round trip from above. */
    record PairValidated(CandidatePair pair, Duration rtt) implements IceEvent {}

    /** The pair is the selected one from now on: the first to be nominated, or a better one that replaces it. */
    record PairNominated(CandidatePair pair, Duration rtt) implements IceEvent {}

    /**
     * The pair in use answers no more, and neither does any other: signaling may still bring the peers together, until
     * consent expires.
     */
    record PathLost(CandidatePair pair) implements IceEvent {}

    /**
     * What is sent to at least one address family leaves by another way than it did, or there is a network again where
     * there was none. The session goes on: candidates follow, and the other side is best told of them in every way.
     */
    record NetworkChanged() implements IceEvent {}

    /**
     * Nothing comes back to what is sent from this address of an interface that the default route does not use. On Linux
     * it takes a rule for it to leave there ({@code ip rule add from}). The session goes on without it.
     */
    record AddressSilent(InetAddress address) implements IceEvent {}

    /** A STUN or TURN server gives nothing (any more); the session goes on without it. */
    record ServerFailed(InetSocketAddress server, String reason) implements IceEvent {}

    /** The session is over. */
    record SessionFailed(Reason reason) implements IceEvent {

        /** Why there is no way between the peers (any more). */
        public enum Reason {
            /** Every candidate pair was checked and none works. */
            NO_PATH("no candidate pair works"),
            /** The other side has not answered for as long as RFC 7675 §5.1 lets us go on sending. */
            CONSENT_EXPIRED("the other side has stopped answering");

            private final String text;

            Reason(String text) {
                this.text = text;
            }

            /** {@return one line for people} */
            public String text() {
                return text;
            }
        }
    }
}
