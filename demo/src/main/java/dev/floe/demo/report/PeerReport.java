package dev.floe.demo.report;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.quic.QuicRole;
import dev.floe.quic.SwapEvent;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What is told of one peer, and the figures of its result. Safe for several threads. */
public final class PeerReport {

    private final Report report;
    private final String peer;

    private Double signaledMs;
    private Double iceMs;
    private Double quicMs;
    private Double echoMs;
    private Double rttMs;
    private String path;
    private final Arrivals arrivals = new Arrivals();
    private Long bytes;
    private String sha256;
    private Integer held;
    private LongSupplier dropped;
    private int pathChanges;

    PeerReport(Report report, String peer) {
        this.report = report;
        this.peer = peer;
    }

    public void candidate(String side, Candidate candidate) {
        tell(new Event.Candidate(
                side,
                candidate.type().token(),
                candidate.host(),
                candidate.address().getPort(),
                candidate.priority()));
    }

    public void gathered(int candidates) {
        tell(new Event.Gathered(candidates));
    }

    /** Whether anybody wants to know more than is printed. */
    public boolean isObserved() {
        return report.isObserved();
    }

    /** Tells whoever looks on; what a command prints stays as it is. */
    public void observed(Event.Observation observation) {
        if (isObserved()) {
            tell(observation);
        }
    }

    /**
     * Tells whoever looks on of a pair's state.
     *
     * @param state as in {@link Event.Pair}
     * @param rtt of the check that has just succeeded, else null
     */
    void pair(CandidatePair pair, String state, Duration rtt) {
        if (isObserved()) {
            observed(new Event.Pair(
                    NetUtil.toSocketAddressString(pair.base()),
                    text(pair.local()),
                    pair.local().type().token(),
                    text(pair.remote()),
                    pair.remote().type().token(),
                    pair.isRelayed(),
                    state,
                    rtt == null ? null : Moment.millis(rtt.toNanos())));
        }
    }

    /** The other side's description and a candidate of it are there; told once. */
    public synchronized void signaled() {
        if (signaledMs == null) {
            signaledMs = tell(new Event.Signaled());
        }
    }

    public synchronized void iceConnected(CandidatePair pair, Duration rtt) {
        use(pair, rtt);
        iceMs = tell(new Event.IceConnected(
                text(pair.local()), text(pair.remote()), pair.remote().type().token(), rttMs));
    }

    public synchronized void nominated(CandidatePair pair, Duration rtt) {
        use(pair, rtt);
        tell(new Event.Nominated(
                text(pair.local()), text(pair.remote()), pair.remote().type().token(), rttMs));
    }

    /**
     * QUIC is in.
     *
     * @param unauthenticated tells how many QUIC datagrams came from where nobody is known; asked at the end
     */
    public synchronized void swapped(SwapEvent swap, LongSupplier unauthenticated) {
        held = swap.replayed();
        dropped = unauthenticated;
        tell(new Event.Pipeline(swap.before(), swap.after()));
    }

    public synchronized void pathChanged(CandidatePair from, CandidatePair to, Duration gap) {
        pathChanges++;
        tell(new Event.PathChanged(way(from), way(to), Moment.millis(gap.toNanos())));
    }

    /**
     * The handshake is complete.
     *
     * @param fingerprint the other side's, or null if it presented no certificate
     */
    public synchronized void quicConnected(QuicRole role, String fingerprint) {
        quicMs = tell(new Event.QuicConnected(role.name().toLowerCase(Locale.ROOT), fingerprint));
    }

    /** More bytes of the application have come. */
    public synchronized void received(int count) {
        firstByte();
        arrivals.add(count, System.nanoTime());
    }

    /** An echo is complete, of so many bytes. */
    public synchronized void echo(long echoed) {
        if (arrivals.isEmpty()) {
            bytes = echoed;
        }
        echoMs = tell(new Event.Echo(echoed));
    }

    /** Tells how many bytes have come by now. */
    public synchronized void progress() {
        tell(new Event.Progress(arrivals.bytes(), null));
    }

    /**
     * More bytes of the application have come.
     *
     * @param received so many in all
     * @param longestSilence between two of them
     */
    public synchronized void progress(long received, Duration longestSilence) {
        firstByte();
        arrivals.update(received, longestSilence.toNanos(), System.nanoTime());
        tell(new Event.Progress(received, null));
    }

    /**
     * So much of a transfer has come by now.
     *
     * @param total of so many, or null if nobody knows
     */
    public void transferring(long count, Long total) {
        tell(new Event.Progress(count, total));
    }

    /**
     * All bytes of the application have gone over.
     *
     * @param hash their SHA-256
     */
    public synchronized void transferred(long count, String hash) {
        bytes = count;
        sha256 = hash;
    }

    public void closed(String reason) {
        tell(new Event.Closed(reason));
    }

    /** The peer's figures so far, as a good end. On the event loop of the peer's channel. */
    public synchronized Event.Result result() {
        Double seconds = Math.round(Moment.now().millis()) / 1000.0;
        return Event.Result.success(new Event.Figures(
                bytes == null ? arrivals.bytes() : bytes,
                sha256,
                seconds,
                arrivals.mbitS(),
                arrivals.longestSilenceMillis(),
                signaledMs,
                iceMs,
                quicMs,
                echoMs,
                path,
                rttMs,
                pathChanges,
                dropped == null ? null : dropped.getAsLong(),
                held));
    }

    private void firstByte() {
        if (arrivals.isEmpty()) {
            observed(new Event.FirstByte());
        }
    }

    private void use(CandidatePair pair, Duration rtt) {
        rttMs = Moment.millis(rtt.toNanos());
        using(pair);
    }

    /** This is the pair in use, whose round trip is not known yet. */
    synchronized void using(CandidatePair pair) {
        path = pair.isRelayed() ? "relay" : "direct";
    }

    /** Returns the event's milliseconds. */
    private double tell(Event event) {
        Moment now = Moment.now();
        report.event(event, peer, now);
        return now.millis();
    }

    private static String way(CandidatePair pair) {
        return text(pair.local()) + " > " + text(pair.remote());
    }

    private static String text(Candidate candidate) {
        return NetUtil.toSocketAddressString(candidate.address());
    }
}
