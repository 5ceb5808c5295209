package dev.floe.ice.agent;

/**
 * When to say that there is no path: never before the other side has had its time to be heard, even if no pair is left
 * or there never was one (RFC 8863), and later than that only while a check is under way, more candidates are promised
 * (RFC 8838 §8), or a pair that works waits for its nomination.
 */
final class Patience {

    private final Checklist checklist;
    private final CheckTiming timing;
    private final long leastNanos;
    private long mostNanos;
    private long giveUpNanos;
    private boolean isLocalEnded;
    private boolean isRemoteEnded;

    Patience(Checklist checklist, CheckTiming timing, long nowNanos) {
        this.checklist = checklist;
        this.timing = timing;
        leastNanos = nowNanos + timing.patienceNanos();
        // The word that there are no more candidates may be lost.
        mostNanos = leastNanos + timing.patienceNanos();
        giveUpNanos = leastNanos;
    }

    void candidateCame(long nowNanos) {
        mostNanos = Math.max(mostNanos, nowNanos + timing.patienceNanos());
    }

    void localCandidatesEnded() {
        isLocalEnded = true;
        lookAgain();
    }

    void remoteCandidatesEnded() {
        isRemoteEnded = true;
        lookAgain();
    }

    boolean isRemoteEnded() {
        return isRemoteEnded;
    }

    /** Whether nothing more can come, on either side. */
    boolean isEveryCandidateKnown() {
        return isLocalEnded && isRemoteEnded;
    }

    long deadlineNanos() {
        return giveUpNanos;
    }

    /** A pair is in use: there is nothing to be patient for. */
    void end() {
        giveUpNanos = IceAgent.NEVER;
    }

    /** Whether it is over; if not, there is still hope, or what may give some has been begun. */
    boolean isOver(long nowNanos) {
        if (nowNanos < giveUpNanos) {
            return false;
        }
        if (checklist.isUnderWay()) {
            // Looked at again when the checks that are still under way must have ended.
            giveUpNanos = nowNanos + timing.minRtoNanos();
        } else if (!isEveryCandidateKnown() && nowNanos < mostNanos) {
            giveUpNanos = mostNanos;
        } else if (checklist.recheckValid()) {
            // The other side has not nominated what works; it has as long again to show that it is still there.
            giveUpNanos = nowNanos + timing.patienceNanos();
        } else {
            return true;
        }
        return false;
    }

    // There may be nothing left to wait for.
    private void lookAgain() {
        if (giveUpNanos != IceAgent.NEVER) {
            giveUpNanos = Math.min(giveUpNanos, leastNanos);
        }
    }
}
