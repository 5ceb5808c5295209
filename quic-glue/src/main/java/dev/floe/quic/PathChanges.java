package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Follows a change of path until the other side is heard on the new one, and measures the silence meanwhile. */
final class PathChanges {

    private Change change;
    private long lastHeardNanos;

    private record Change(CandidatePair from, CandidatePair to, long gapNanos) {}

    /** Silence counts from now on. */
    void begin(long nowNanos) {
        lastHeardNanos = nowNanos;
    }

    /** Whether the one pair is the same way as the other: seen from outside, too, which its base alone does not tell. */
    static boolean isSameWay(CandidatePair a, CandidatePair b) {
        return a.base().equals(b.base())
                && a.remoteAddress().equals(b.remoteAddress())
                && a.local().address().equals(b.local().address());
    }

    /** QUIC is sent another way from now on; a pair that it was not heard on in between is passed over. */
    void moved(CandidatePair from, CandidatePair to) {
        change = change == null ? new Change(from, to, 0) : new Change(change.from(), to, change.gapNanos());
    }

    /** A datagram has come; the change that this completes, or null. */
    PathChangedEvent heard(InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        long gap = nowNanos - lastHeardNanos;
        lastHeardNanos = nowNanos;
        if (change == null) {
            return null;
        }
        Change heard = new Change(change.from(), change.to(), Math.max(change.gapNanos(), gap));
        boolean isOver = sender.equals(heard.to().remoteAddress())
                && base.equals(heard.to().base());
        change = isOver ? null : heard;
        return isOver && !isSameWay(heard.from(), heard.to())
                ? new PathChangedEvent(heard.from(), heard.to(), Duration.ofNanos(heard.gapNanos()))
                : null;
    }
}
