package dev.floe.demo.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;

/** What a command has to tell, one record an event; components become JSON fields in snake case. */
public sealed interface Event {

    /** The event's name: the record's, in kebab case. */
    default String name() {
        return getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** A server listens; {@code what} is {@code signaling} or {@code stun}. */
    record Listening(String what, String address, int port) implements Event {}

    /** A candidate is known; {@code side} is {@code local} or {@code remote}. */
    record Candidate(String side, String type, String address, int port, long priority) implements Event {}

    record Gathered(int candidates) implements Event {}

    record Signaled() implements Event {}

    record IceConnected(String local, String remote, String type, double rttMs) implements Event {}

    record Nominated(String local, String remote, String type, double rttMs) implements Event {}

    record Pipeline(List<String> before, List<String> after) implements Event {}

    /** The handshake is complete; {@code remoteFingerprint} is null for a peer that presents no certificate. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record QuicConnected(String role, String remoteFingerprint) implements Event {}

    record Echo(long bytes) implements Event {}

    record PathChanged(String from, String to, double gapMs) implements Event {}

    record Closed(String reason) implements Event {}

    /** The end of a command; fields that do not apply are null and left out. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            boolean ok,
            String error,
            String message,
            Long bytes,
            Double seconds,
            Double signaledMs,
            Double iceMs,
            Double quicMs,
            Double echoMs,
            String path,
            Double rttMs,
            Integer pathChanges,
            Long quicDroppedUnauthenticated,
            Integer quicHeld)
            implements Event {

        /** A command that ended well and has no figures. */
        public static Result success() {
            return new Result(true, null, null, null, null, null, null, null, null, null, null, null, null, null);
        }

        /** A command that failed before there were figures. */
        public static Result failure(Failure failure) {
            return success().with(failure);
        }

        /** The same figures with a failure. */
        public Result with(Failure failure) {
            return new Result(
                    false,
                    failure.error(),
                    failure.message(),
                    bytes,
                    seconds,
                    signaledMs,
                    iceMs,
                    quicMs,
                    echoMs,
                    path,
                    rttMs,
                    pathChanges,
                    quicDroppedUnauthenticated,
                    quicHeld);
        }
    }
}
