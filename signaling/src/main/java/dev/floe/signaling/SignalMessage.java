package dev.floe.signaling;

import java.util.List;
import java.util.Objects;

/**
 * A message of a room: a JSON object whose field {@code type} says which. The first six are what peers say to each
 * other, the rest is what the server says to a peer.
 */
public sealed interface SignalMessage {

    /**
     * How to authenticate this side's checks and what it can do; its candidates follow. A new description replaces
     * all that the same peer has said before.
     *
     * @param username the ICE username fragment
     * @param password the ICE password
     * @param fingerprint the certificate's SHA-256 in hexadecimal, or null if the side names none
     * @param options words for what the side can do
     * @param proof what shows who has said it to one who has the same password, or null
     */
    record Description(String username, String password, String fingerprint, List<String> options, String proof)
            implements SignalMessage {
        /**
         * A description.
         *
         * @param username the ICE username fragment
         * @param password the ICE password
         * @param fingerprint the certificate's SHA-256 in hexadecimal, or null if the side names none
         * @param options words for what the side can do
         * @param proof what shows who has said it to one who has the same password, or null
         */
        public Description {
            Objects.requireNonNull(username, "username");
            Objects.requireNonNull(password, "password");
            options = List.copyOf(options);
        }

        /**
         * Without a proof.
         *
         * @param username the ICE username fragment
         * @param password the ICE password
         * @param fingerprint the certificate's SHA-256 in hexadecimal, or null if the side names none
         * @param options words for what the side can do
         */
        public Description(String username, String password, String fingerprint, List<String> options) {
            this(username, password, fingerprint, options, null);
        }

        /**
         * {@return the same with a proof}
         *
         * @param newProof instead of the one of before, or null for none
         */
        public Description withProof(String newProof) {
            return new Description(username, password, fingerprint, options, newProof);
        }

        /** Without the password, which no log should show. */
        @Override
        public String toString() {
            return "Description[" + username + "]";
        }
    }

    /**
     * One candidate of the side that described itself last.
     *
     * @param candidate an SDP candidate attribute's value (RFC 8839 §5.1)
     */
    record CandidateLine(String candidate) implements SignalMessage {
        /**
         * A candidate.
         *
         * @param candidate an SDP candidate attribute's value (RFC 8839 §5.1)
         */
        public CandidateLine {
            Objects.requireNonNull(candidate, "candidate");
        }
    }

    /** No more candidates will follow (RFC 8838 §13). */
    record EndOfCandidates() implements SignalMessage {}

    /**
     * A step of a password-authenticated key exchange, before the descriptions.
     *
     * @param payload means nothing to the server
     */
    record Pake(String payload) implements SignalMessage {
        /**
         * Checks that there is something.
         *
         * @param payload means nothing to the server
         */
        public Pake {
            Objects.requireNonNull(payload, "payload");
        }

        /** Without the payload, which is long. */
        @Override
        public String toString() {
            return "Pake[" + payload.length() + " characters]";
        }
    }

    /**
     * A word between two peers that do without ICE at first, of which the server knows nothing.
     *
     * @param username of the description of the one who says it
     * @param payload Base64 (RFC 4648 §4)
     */
    record HolePunch(String username, String payload) implements SignalMessage {
        /**
         * Checks that there is something.
         *
         * @param username of the description of the one who says it
         * @param payload Base64 (RFC 4648 §4)
         */
        public HolePunch {
            Objects.requireNonNull(username, "username");
            Objects.requireNonNull(payload, "payload");
        }
    }

    /** The session is over for the one who says it, and so is everything it has said before. */
    record Bye() implements SignalMessage {}

    /**
     * The server's first word to a peer that it has let into a room, and to one that has come back.
     *
     * @param peers how many others were in the room when the peer came
     * @param resume what to come back with after the connection is lost, or null if there is no way back
     * @param received how many messages of the peer the server has taken so far
     */
    record Joined(int peers, String resume, long received) implements SignalMessage {
        /**
         * To a peer that has no way back.
         *
         * @param peers how many others were in the room when it came
         */
        public Joined(int peers) {
            this(peers, null, 0);
        }

        /** Without the token, which is a secret. */
        @Override
        public String toString() {
            return "Joined[peers=" + peers + ", received=" + received + "]";
        }
    }

    /** Another peer has come into the room. */
    record PeerJoined() implements SignalMessage {}

    /** The other peer has left the room. */
    record PeerLeft() implements SignalMessage {}

    /**
     * What the server has against this peer.
     *
     * @param code a word for programs, such as {@code room-full}
     * @param message one line for people
     */
    record ServerError(String code, String message) implements SignalMessage {
        /**
         * An error.
         *
         * @param code a word for programs, such as {@code room-full}
         * @param message one line for people
         */
        public ServerError {
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(message, "message");
        }
    }
}
