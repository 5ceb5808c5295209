package dev.floe.quic.draft;

import static dev.floe.quic.draft.TraversalException.PROTOCOL_VIOLATION;
import static dev.floe.quic.draft.TraversalException.TRANSPORT_PARAMETER;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.NamedPair;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The draft's server: tells its addresses, and probes the pairs that the client names, those of one round at a time and of
 * that no more than the limit that it has told.
 */
public final class TraversalServer extends Traversal {

    /** How many pairs of a round are probed. */
    public static final int CONCURRENCY_LIMIT = 8;

    /** How long a round lasts if the client begins no other: longer than on the client, whose word takes its time. */
    static final long ROUND_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int MOST_PREFERRED = 65_535;

    private final Map<InetSocketAddress, Long> sequences = new LinkedHashMap<>();
    private final List<NamedPair> running = new ArrayList<>();
    private boolean isNegotiated;
    private long nextSequence;
    private long round = -1;
    private int namedInRound;
    private long roundEndNanos = NEVER;

    @Override
    public void opened(long nowNanos) {
        // The client speaks first.
    }

    @Override
    public void localAdded(Candidate candidate, long nowNanos) {
        InetSocketAddress address = candidate.address();
        if (sequences.size() < MAX_ADDRESSES && !sequences.containsKey(address)) {
            sequences.put(address, nextSequence++);
            tell(address);
        }
    }

    @Override
    public void localRemoved(Candidate candidate, long nowNanos) {
        Long sequence = sequences.remove(candidate.address());
        if (sequence == null) {
            return;
        }
        if (isNegotiated) {
            say(new TraversalFrame.RemoveAddress(sequence));
        }
        if (running.removeIf(pair -> pair.local().equals(candidate.address()))) {
            check();
        }
    }

    @Override
    public void selected(boolean isRelayed, long nowNanos) {
        // The client alone decides what is tried.
    }

    @Override
    public void restarted(long nowNanos) {
        running.clear();
    }

    @Override
    void take(TraversalFrame frame, long nowNanos) {
        if (frame instanceof TraversalFrame.TransportParameter parameter) {
            negotiated(parameter);
        } else if (frame instanceof TraversalFrame.PunchMeNow punch) {
            punch(punch, nowNanos);
        } else {
            throw new TraversalException(PROTOCOL_VIOLATION, "a frame that only servers send");
        }
    }

    @Override
    public void advance(long nowNanos) {
        if (nowNanos >= roundEndNanos) {
            roundEndNanos = NEVER;
            running.clear();
            check();
        }
    }

    @Override
    public long deadlineNanos() {
        return roundEndNanos;
    }

    private void negotiated(TraversalFrame.TransportParameter parameter) {
        if (parameter.concurrencyLimit().isPresent()) {
            throw new TraversalException(TRANSPORT_PARAMETER, "a client that limits the server's concurrency");
        }
        isNegotiated = true;
        say(new TraversalFrame.TransportParameter(OptionalLong.of(CONCURRENCY_LIMIT)));
        sequences.keySet().forEach(this::tell);
    }

    private void tell(InetSocketAddress address) {
        if (isNegotiated) {
            say(new TraversalFrame.AddAddress(sequences.get(address), address));
        }
    }

    private void punch(TraversalFrame.PunchMeNow punch, long nowNanos) {
        if (punch.round() > round) {
            round = punch.round();
            namedInRound = 0;
            running.clear();
            roundEndNanos = nowNanos + ROUND_NANOS;
            check();
        }
        InetSocketAddress local = addressOf(punch.pairedWith());
        boolean isDue = punch.round() == round && roundEndNanos != NEVER && namedInRound < CONCURRENCY_LIMIT;
        if (!isDue
                || local == null
                || !isOneFamily(local, punch.address())
                || !isUsable(punch.address(), isLoopback(local))) {
            ignore();
            return;
        }
        Candidate remote = new Candidate(
                "draft" + namedInRound,
                Candidate.priority(CandidateType.HOST, MOST_PREFERRED - namedInRound),
                punch.address(),
                CandidateType.HOST,
                null);
        namedInRound++;
        running.add(new NamedPair(local, remote));
        check();
    }

    /** Null if it is not in force, which the client may not know yet. */
    private InetSocketAddress addressOf(long sequence) {
        return sequences.entrySet().stream()
                .filter(entry -> entry.getValue() == sequence)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private void check() {
        put(new TraversalOutput.Check(List.copyOf(running)));
    }

    private static boolean isLoopback(InetSocketAddress address) {
        return address.getAddress().isLoopbackAddress();
    }
}
