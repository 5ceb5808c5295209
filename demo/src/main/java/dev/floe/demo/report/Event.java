package dev.floe.demo.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** What a command has to tell, one record an event; components become JSON fields in snake case. */
public sealed interface Event {

    /** The event's name: the record's, in kebab case. */
    default String name() {
        return nameOf(getClass());
    }

    /** The name of a kind of events. */
    static String nameOf(Class<?> kind) {
        return kind.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** A server listens; {@code what} is {@code signaling} or {@code stun}. */
    record Listening(String what, String address, int port) implements Event {}

    /** A candidate is known; {@code side} is {@code local} or {@code remote}. */
    record Candidate(String side, String type, String address, int port, long priority) implements Event {}

    /** All candidates that this side has at first are known. */
    record Gathered(int candidates) implements Event {}

    /** This side has the remote description and at least one remote candidate. */
    record Signaled() implements Event {}

    /** The first pair is valid. */
    record IceConnected(String local, String remote, String type, double rttMs) implements Event {}

    /** A pair is nominated, the first one or a later one. */
    record Nominated(String local, String remote, String type, double rttMs) implements Event {}

    /** The swap is done: the handler names before and after it. */
    record Pipeline(List<String> before, List<String> after) implements Event {}

    /** The handshake is complete; {@code remoteFingerprint} is null for a peer that presents no certificate. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record QuicConnected(String role, String remoteFingerprint) implements Event {}

    /** The first answer has come, or the first stream was echoed. */
    record Echo(long bytes) implements Event {}

    /** Another pair has taken over; {@code gapMs} is the longest silence around it. */
    record PathChanged(String from, String to, double gapMs) implements Event {}

    /** Bytes of the application have come; {@code total} is null if nobody knows how many there will be. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Progress(long bytes, Long total) implements Event {}

    /** What the receiver of a transfer must type. */
    record Code(String code) implements Event {}

    /** The connection is closed. */
    record Closed(String reason) implements Event {}

    /** What only those learn who look on, as a page does: no part of what a command prints. */
    sealed interface Observation extends Event {}

    /** A peer has begun to look for its candidates. */
    record Started() implements Observation {}

    /**
     * A candidate pair is at {@code state}: one of those of RFC 8445 §6.1.2.6 in kebab case, or {@code removed}.
     *
     * @param base where its datagrams leave; with {@code remote} it says which pair this is
     * @param local the candidate as the other side sees it
     * @param rttMs of the check that has just succeeded, else null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Pair(
            String base,
            String local,
            String localType,
            String remote,
            String remoteType,
            boolean relayed,
            String state,
            Double rttMs)
            implements Observation {}

    /** The first byte of the application has come. */
    record FirstByte() implements Observation {}

    /**
     * The QUIC connection's figures by now.
     *
     * @param rttMs its smoothed round trip
     * @param sent so many bytes in all, and {@code received} likewise
     * @param lost so many packets in all
     */
    record Sample(double rttMs, long sent, long received, long lost) implements Observation {
        /** The same, of a round trip in nanoseconds. */
        public static Sample of(long rttNanos, long sent, long received, long lost) {
            return new Sample(Moment.millis(rttNanos), sent, received, lost);
        }
    }

    /** Something that is told in words: {@code what} it is for programs, {@code text} for people. */
    record Note(String what, String text) implements Observation {}

    /** The last event of a command. */
    sealed interface End extends Event {
        /** Whether it did what it was asked for. */
        boolean ok();

        /** Why not, in a word for programs; null if it did. */
        String error();

        /** Why not, in one line for people. */
        String message();

        @Override
        default String name() {
            return "result";
        }
    }

    /** The end of a command; fields that do not apply are null and left out. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            boolean ok,
            String error,
            String message,
            @JsonUnwrapped Figures figures) implements End {

        /** A command that ended well. */
        public static Result success(Figures figures) {
            return new Result(true, null, null, figures);
        }

        /** A command that ended well and has no figures. */
        public static Result success() {
            return success(Figures.NONE);
        }

        /** A command that failed before there were figures. */
        public static Result failure(Failure failure) {
            return success().with(failure);
        }

        /** The same figures with a failure. */
        public Result with(Failure failure) {
            return new Result(false, failure.error(), failure.message(), figures);
        }
    }

    /**
     * The figures of one connection; those that do not apply are null and left out.
     *
     * @param bytes of application data, those received where there are such
     * @param sha256 of a transfer
     * @param mbitS how fast these bytes came, from the first to the last
     * @param maxGapMs the longest silence between the first and the last of them
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Figures(
            Long bytes,
            String sha256,
            Double seconds,
            Double mbitS,
            Double maxGapMs,
            Double signaledMs,
            Double iceMs,
            Double quicMs,
            Double echoMs,
            String path,
            Double rttMs,
            Integer pathChanges,
            Long quicDroppedUnauthenticated,
            Integer quicHeld) {

        static final Figures NONE =
                new Figures(null, null, null, null, null, null, null, null, null, null, null, null, null, null);

        /** The same, its times by another clock. */
        Figures at(UnaryOperator<Double> clock) {
            return new Figures(
                    bytes,
                    sha256,
                    seconds == null ? null : Math.round(clock.apply(seconds * 1000)) / 1000.0,
                    mbitS,
                    maxGapMs,
                    clock.apply(signaledMs),
                    clock.apply(iceMs),
                    clock.apply(quicMs),
                    clock.apply(echoMs),
                    path,
                    rttMs,
                    pathChanges,
                    quicDroppedUnauthenticated,
                    quicHeld);
        }
    }

    /**
     * What the doctor has found; fields that do not apply are null and left out.
     *
     * @param ipv4 the way out over IPv4, null without an IPv4 address
     * @param ipv6 the way out over IPv6, null without an IPv6 address
     * @param advice what it means, in sentences for people
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Diagnosis(
            boolean ok,
            String error,
            String message,
            Network ipv4,
            Network ipv6,
            List<Stun> stun,
            List<Turn> turn,
            List<String> advice,
            double seconds)
            implements End {}

    /**
     * One address family's way out.
     *
     * @param addresses of this machine
     * @param udp whether a STUN server has answered
     * @param mapped how that server sees this machine
     * @param nat whether that is another address than this machine's own
     * @param mapping {@code endpoint-independent}, {@code address-dependent}, {@code address-and-port-dependent}, {@code
     *     symmetric} (one of the latter two), or null with a reason
     * @param filtering as mapping, without {@code symmetric}
     * @param hairpinning whether the NAT lets machines behind it reach each other by their mapped addresses
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Network(
            List<String> addresses,
            boolean udp,
            String mapped,
            Boolean nat,
            String mapping,
            String mappingUnknown,
            String filtering,
            String filteringUnknown,
            Boolean hairpinning) {}

    /**
     * How one address of a STUN server answered.
     *
     * @param server as it was named
     * @param address as it was asked; null if the name is unknown
     * @param behavior whether it can test NATs (RFC 5780)
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Stun(
            String server, String address, boolean ok, String message, String mapped, Double rttMs, Boolean behavior) {}

    /**
     * How a TURN server answered.
     *
     * @param tookMs until there was an allocation, which takes two round trips and more
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Turn(String server, String transport, boolean ok, String message, List<String> relayed, Double tookMs) {}
}
