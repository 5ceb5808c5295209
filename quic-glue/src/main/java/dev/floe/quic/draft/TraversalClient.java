package dev.floe.quic.draft;

import static dev.floe.quic.draft.TraversalException.PROTOCOL_VIOLATION;
import static dev.floe.quic.draft.TraversalException.TRANSPORT_PARAMETER;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceRole;
import dev.floe.ice.NamedPair;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The draft's client: pairs its own addresses with the server's, best first (RFC 8445 §6.1.2.3), and has them probed in
 * rounds, each of as many pairs as the server allows. It begins as long as relays are in use, and again with whatever
 * address has come since; after the last pair it begins anew, twice, and then waits for an address.
 */
public final class TraversalClient extends Traversal {

    /** How many pairs of a round are probed, whatever the server allows. */
    static final int MAX_CONCURRENT = 8;

    /** How long a round lasts while there are other pairs to try. */
    static final long ROUND_NANOS = Duration.ofSeconds(2).toNanos();

    static final int MAX_PASSES = 3;

    private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int MOST_PREFERRED = 65_535;

    private final Map<InetSocketAddress, Candidate> locals = new LinkedHashMap<>();
    private final Map<Long, Candidate> remotes = new LinkedHashMap<>();
    private final Set<Pair> tried = new HashSet<>();
    private final List<Pair> running = new ArrayList<>();
    private int limit;
    private boolean isPathKnown;
    private boolean isRelayed;
    private int added;
    private int passes;
    private long round;
    private int namedInRound;
    private long roundEndNanos = NEVER;
    private long pauseEndNanos = NEVER;

    private record Pair(Candidate local, long sequence, Candidate remote) {

        long priority() {
            return CandidatePair.priority(IceRole.CONTROLLED, local.priority(), remote.priority());
        }
    }

    @Override
    public void opened(long nowNanos) {
        say(new TraversalFrame.TransportParameter(OptionalLong.empty()));
    }

    @Override
    public void localAdded(Candidate candidate, long nowNanos) {
        if (locals.size() < MAX_ADDRESSES) {
            locals.putIfAbsent(candidate.address(), candidate);
            passes = 0;
            goOn(nowNanos);
        }
    }

    @Override
    public void localRemoved(Candidate candidate, long nowNanos) {
        Candidate removed = locals.remove(candidate.address());
        if (removed != null) {
            forget(removed);
        }
    }

    @Override
    public void selected(boolean isRelayed, long nowNanos) {
        boolean isFallback = isRelayed && !(isPathKnown && this.isRelayed);
        isPathKnown = true;
        this.isRelayed = isRelayed;
        if (isFallback) {
            startOver();
        } else if (!isRelayed) {
            // What is left might be no better; what comes from now on might be where one of the two has gone.
            tried.addAll(pairs());
            pauseEndNanos = NEVER;
        }
        goOn(nowNanos);
    }

    @Override
    public void restarted(long nowNanos) {
        isPathKnown = false;
        startOver();
    }

    @Override
    void take(TraversalFrame frame, long nowNanos) {
        if (frame instanceof TraversalFrame.TransportParameter parameter) {
            negotiated(parameter);
        } else if (frame instanceof TraversalFrame.AddAddress add) {
            remoteAdded(add);
        } else if (frame instanceof TraversalFrame.RemoveAddress remove) {
            remoteRemoved(remove);
        } else {
            throw new TraversalException(PROTOCOL_VIOLATION, "a frame that only clients send");
        }
        goOn(nowNanos);
    }

    @Override
    public void advance(long nowNanos) {
        if (nowNanos >= pauseEndNanos) {
            pauseEndNanos = NEVER;
            passes++;
            tried.clear();
        }
        if (nowNanos >= roundEndNanos) {
            endRound();
        }
        goOn(nowNanos);
    }

    @Override
    public long deadlineNanos() {
        return Math.min(roundEndNanos, pauseEndNanos);
    }

    private void negotiated(TraversalFrame.TransportParameter parameter) {
        long allowed = parameter.concurrencyLimit().orElse(0);
        if (allowed == 0) {
            throw new TraversalException(TRANSPORT_PARAMETER, "a concurrency limit of nothing");
        }
        limit = (int) Math.min(allowed, MAX_CONCURRENT);
    }

    private void remoteAdded(TraversalFrame.AddAddress add) {
        boolean isNew = !remotes.containsKey(add.sequence()) && remotes.size() < MAX_ADDRESSES;
        if (!isNew || !isUsable(add.address(), hasLoopback())) {
            ignore();
            return;
        }
        // The server says nothing of priorities: what it has told first it has found first.
        long priority = Candidate.priority(CandidateType.HOST, Math.max(0, MOST_PREFERRED - added));
        remotes.put(add.sequence(), new Candidate("draft" + added, priority, add.address(), CandidateType.HOST, null));
        added++;
        passes = 0;
    }

    private void remoteRemoved(TraversalFrame.RemoveAddress remove) {
        Candidate removed = remotes.remove(remove.sequence());
        if (removed == null) {
            ignore();
        } else {
            forget(removed);
        }
    }

    private void forget(Candidate removed) {
        tried.removeIf(pair -> pair.local().equals(removed) || pair.remote().equals(removed));
        if (running.removeIf(
                pair -> pair.local().equals(removed) || pair.remote().equals(removed))) {
            check();
        }
    }

    private void startOver() {
        tried.clear();
        passes = 0;
        pauseEndNanos = NEVER;
        if (roundEndNanos != NEVER) {
            endRound();
        }
    }

    private void endRound() {
        roundEndNanos = NEVER;
        running.clear();
        check();
    }

    private void goOn(long nowNanos) {
        if (limit == 0 || !isPathKnown) {
            return;
        }
        List<Pair> untried = pairs().stream()
                .filter(pair -> !tried.contains(pair))
                .sorted(Comparator.comparingLong(Pair::priority).reversed())
                .toList();
        if (!untried.isEmpty()) {
            if (roundEndNanos == NEVER) {
                round++;
                namedInRound = 0;
                roundEndNanos = nowNanos + ROUND_NANOS;
                pauseEndNanos = NEVER;
            }
            name(untried.subList(0, Math.min(untried.size(), limit - namedInRound)));
        } else if (isRelayed && !tried.isEmpty() && isIdle() && passes + 1 < MAX_PASSES) {
            pauseEndNanos = nowNanos + (PAUSE_NANOS << passes);
        }
    }

    private boolean isIdle() {
        return roundEndNanos == NEVER && pauseEndNanos == NEVER;
    }

    private void name(List<Pair> pairs) {
        if (pairs.isEmpty()) {
            return;
        }
        for (Pair pair : pairs) {
            namedInRound++;
            tried.add(pair);
            running.add(pair);
            say(new TraversalFrame.PunchMeNow(
                    round, pair.sequence(), pair.local().address()));
        }
        check();
    }

    private void check() {
        put(new TraversalOutput.Check(running.stream()
                .map(pair -> new NamedPair(pair.local().address(), pair.remote()))
                .toList()));
    }

    private List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (Candidate local : locals.values()) {
            remotes.forEach((sequence, remote) -> {
                if (isOneFamily(local.address(), remote.address())) {
                    pairs.add(new Pair(local, sequence, remote));
                }
            });
        }
        return pairs;
    }

    private boolean hasLoopback() {
        return locals.keySet().stream().anyMatch(address -> address.getAddress().isLoopbackAddress());
    }
}
