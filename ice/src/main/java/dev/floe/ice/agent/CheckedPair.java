package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairState;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.stun.TransactionId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** A candidate pair as the checklist knows it: where its checks stand and what they have shown. */
final class CheckedPair {

    static final long NOT_NOMINATED = -1;

    // Of a pair that is suspected as many go out within a second or two; an answer that takes longer is of no use.
    private static final int MAX_OUTSTANDING = 32;

    final Liveness liveness = new Liveness();
    LocalCandidate local;
    Candidate remote;

    /** Whether the far end has sent an authenticated check over this pair. */
    boolean authenticated;
    /** The transaction of the last request over this pair, so that a retransmission triggers nothing. */
    TransactionId lastRequest;
    /** The nomination that this side, controlling, puts on its next check of the pair. */
    long nomination = NOT_NOMINATED;
    /** The highest nomination that the other side, controlling, has put on this pair. */
    long remoteNomination = NOT_NOMINATED;

    /** The check that is under way, or null. */
    private Check check;

    private final Deque<Check> outstanding = new ArrayDeque<>();
    private CandidatePairState state = CandidatePairState.FROZEN;
    private Consumer<IceEvent> watcher = event -> {};
    private Candidate seenAs;
    private boolean isValid;
    private boolean isGone;
    private long rttNanos;
    private long totalRttNanos;
    private long requestsSent;
    private long responsesReceived;
    private long requestsReceived;

    CheckedPair(LocalCandidate local, Candidate remote) {
        this.local = local;
        this.remote = remote;
    }

    /** From now on {@code watcher} is told of each change of the state. */
    void watchedBy(Consumer<IceEvent> watcher) {
        this.watcher = watcher;
    }

    CandidatePairState state() {
        return state;
    }

    void enter(CandidatePairState next) {
        if (state != next) {
            state = next;
            watcher.accept(new IceEvent.PairStateChanged(toPair(), next));
        }
    }

    InetSocketAddress base() {
        return local.base();
    }

    PairFoundation foundation() {
        return new PairFoundation(local.candidate().foundation(), remote.foundation());
    }

    long priority(IceRole role) {
        return CandidatePair.priority(role, local.candidate().priority(), remote.priority());
    }

    boolean isRelayed() {
        return local.candidate().type() == CandidateType.RELAYED || remote.type() == CandidateType.RELAYED;
    }

    /** Whether its first check has yet to be sent, or answered. */
    boolean isUndecided() {
        return state == CandidatePairState.FROZEN
                || state == CandidatePairState.WAITING
                || state == CandidatePairState.IN_PROGRESS;
    }

    /** Whether the pair is on the valid list (RFC 8445 §7.2.5.3.2). */
    boolean isValid() {
        return isValid;
    }

    /** The pair was answered: the other side sees it come from {@code seenAs}. */
    void validated(Candidate seenAs, long roundTripNanos, long nowNanos) {
        validated(seenAs, roundTripNanos, true, nowNanos);
    }

    /** @param isExact whether the round trip is known to be no shorter, as it is after one transmission */
    void validated(Candidate seenAs, long roundTripNanos, boolean isExact, long nowNanos) {
        rttNanos = roundTripNanos;
        totalRttNanos += roundTripNanos;
        liveness.answered(roundTripNanos, isExact, nowNanos);
        this.seenAs = seenAs;
        isValid = true;
        enter(CandidatePairState.SUCCEEDED);
    }

    void failed() {
        isValid = false;
        check = null;
        enter(CandidatePairState.FAILED);
    }

    /** The pair leaves by another way now: what was sent before is not answered for that one. */
    void moved() {
        isValid = false;
        check = null;
        outstanding.clear();
        liveness.moved();
    }

    /** Nothing can be sent over the pair any more. */
    void gone() {
        moved();
        isGone = true;
        liveness.probeNanos = IceAgent.NEVER;
        enter(CandidatePairState.FAILED);
    }

    /** Whether the pair has had its chance, and shown nothing. */
    boolean isHopeless() {
        return !authenticated && liveness.isHopeless();
    }

    /** Something can be sent over the pair again. */
    void returned() {
        isGone = false;
    }

    boolean isGone() {
        return isGone;
    }

    Check check() {
        return check;
    }

    void started(Check started) {
        check = started;
        remember(started);
    }

    /** The check is not sent again; an answer to it still counts (RFC 8445 §7.3.1.4). */
    void cancelCheck() {
        check = null;
    }

    void remember(Check sent) {
        if (outstanding.size() == MAX_OUTSTANDING) {
            outstanding.removeFirst();
        }
        outstanding.addLast(sent);
    }

    /** The check of this transaction that has not been answered yet, or null if it is none of this pair's. */
    Check find(TransactionId id) {
        for (Check sent : outstanding) {
            if (sent.transaction().request().transactionId().equals(id)) {
                return sent;
            }
        }
        return null;
    }

    /** The check was answered. */
    void answered(Check sent) {
        outstanding.remove(sent);
        responsesReceived++;
    }

    /** A request went out over the pair. */
    void sent(long nowNanos) {
        requestsSent++;
        liveness.asked(nowNanos);
    }

    /** A request came in over the pair, and was answered. */
    void received(TransactionId request) {
        lastRequest = request;
        requestsReceived++;
    }

    CandidatePairStats stats(boolean isSelected) {
        return new CandidatePairStats(
                toPair(),
                state,
                isSelected,
                authenticated,
                rtt(),
                Duration.ofNanos(totalRttNanos),
                requestsSent,
                responsesReceived,
                requestsReceived,
                requestsReceived,
                0,
                0);
    }

    Duration rtt() {
        return Duration.ofNanos(rttNanos);
    }

    long lastResponseNanos() {
        return liveness.answeredNanos();
    }

    CandidatePair toPair() {
        return new CandidatePair(seenAs == null ? local.candidate() : seenAs, remote, base());
    }
}
