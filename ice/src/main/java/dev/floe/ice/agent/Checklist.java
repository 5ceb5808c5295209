package dev.floe.ice.agent;

import static dev.floe.ice.agent.CandidatePairState.FROZEN;
import static dev.floe.ice.agent.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.agent.CandidatePairState.WAITING;

import dev.floe.ice.IceRole;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The pairs of the one data stream, best first, and the order in which they are checked (RFC 8445 §6.1.2, §6.1.4). */
final class Checklist {

    /** RFC 8445 §6.1.2.5. */
    static final int MAX_PAIRS = 100;

    private final List<CheckedPair> pairs = new ArrayList<>();
    private final Deque<CheckedPair> triggered = new ArrayDeque<>();

    List<CheckedPair> pairs() {
        return pairs;
    }

    boolean isFull() {
        return pairs.size() >= MAX_PAIRS;
    }

    /** Adds the pair at its place; a pair too many pushes out the worst one that has shown nothing yet. */
    void add(CheckedPair pair, IceRole role) {
        pairs.add(pair);
        sort(role);
        if (pairs.size() > MAX_PAIRS) {
            for (int i = pairs.size() - 1; i >= 0; i--) {
                CheckedPair worst = pairs.get(i);
                if (!worst.authenticated && !worst.isValid()) {
                    pairs.remove(i);
                    triggered.remove(worst);
                    return;
                }
            }
        }
    }

    /** To be called when priorities change: on a role switch and when a remote candidate is replaced. */
    void sort(IceRole role) {
        pairs.sort(Comparator.comparingLong((CheckedPair pair) -> pair.priority(role))
                .reversed());
    }

    CheckedPair find(InetSocketAddress base, InetSocketAddress remote) {
        for (CheckedPair pair : pairs) {
            if (pair.remote.address().equals(remote) && pair.base().equals(base)) {
                return pair;
            }
        }
        return null;
    }

    /** Sets the best pair of each foundation to WAITING, the rest stay FROZEN (RFC 8445 §6.1.2.6). */
    void thawFirstOfEachFoundation() {
        Set<String> seen = new HashSet<>();
        for (CheckedPair pair : pairs) {
            if (seen.add(pair.foundation()) && pair.state == FROZEN) {
                pair.state = WAITING;
            }
        }
    }

    /** RFC 8445 §7.2.5.3.3. */
    void thaw(String foundation) {
        for (CheckedPair pair : pairs) {
            if (pair.state == FROZEN && pair.foundation().equals(foundation)) {
                pair.state = WAITING;
            }
        }
    }

    /** Queues a check that goes out before all ordinary ones (RFC 8445 §6.1.4.1). */
    void trigger(CheckedPair pair) {
        pair.cancelCheck();
        pair.state = WAITING;
        if (!triggered.contains(pair)) {
            triggered.addLast(pair);
        }
    }

    /** The pair needs no further check. */
    void settle(CheckedPair pair) {
        pair.cancelCheck();
        triggered.remove(pair);
    }

    CheckedPair nextTriggered() {
        return triggered.pollFirst();
    }

    /** The next pair to check of its own accord, or null (RFC 8445 §6.1.4.2). */
    CheckedPair nextOrdinary() {
        CheckedPair waiting = firstWaiting();
        return waiting != null ? waiting : firstThawable();
    }

    boolean hasNext() {
        return !triggered.isEmpty() || nextOrdinary() != null;
    }

    /** Whether any check is under way or yet to come. */
    boolean isUnderWay() {
        return active() > 0 || pairs.stream().anyMatch(pair -> pair.state == FROZEN);
    }

    /** Checks the valid pairs once more, if there are any. */
    boolean recheckValid() {
        List<CheckedPair> valid = pairs.stream().filter(CheckedPair::isValid).toList();
        valid.forEach(this::trigger);
        return !valid.isEmpty();
    }

    /** How many pairs are waiting or in progress, N in RFC 8445 §14.3. */
    int active() {
        int active = 0;
        for (CheckedPair pair : pairs) {
            if (pair.state == WAITING || pair.state == IN_PROGRESS) {
                active++;
            }
        }
        return active;
    }

    /** Gives up on what could only be worse than {@code selected} (RFC 8445 §8.1.2). */
    void dropWorseThan(CheckedPair selected, IceRole role) {
        long bar = selected.priority(role);
        pairs.removeIf(pair -> pair != selected && !pair.authenticated && !pair.isValid() && pair.priority(role) < bar);
        triggered.retainAll(pairs);
    }

    /**
     * Gives up on every pair that is not valid (RFC 8445 §8.1.2, for a nomination that is final), save for those that
     * the other side nominates too, as one does that puts USE-CANDIDATE in every check.
     */
    void dropAllBut(CheckedPair selected) {
        pairs.removeIf(pair -> pair != selected && !pair.isValid() && !pair.authenticated);
        for (CheckedPair pair : pairs) {
            boolean isUndecided = pair.state == FROZEN || pair.state == WAITING || pair.state == IN_PROGRESS;
            if (pair != selected && isUndecided && pair.remoteNomination == CheckedPair.NOT_NOMINATED) {
                pair.failed();
                triggered.remove(pair);
            }
        }
        triggered.retainAll(pairs);
    }

    private CheckedPair firstWaiting() {
        for (CheckedPair pair : pairs) {
            if (pair.state == WAITING && !triggered.contains(pair)) {
                return pair;
            }
        }
        return null;
    }

    private CheckedPair firstThawable() {
        Set<String> busy = new HashSet<>();
        for (CheckedPair pair : pairs) {
            if (pair.state == WAITING || pair.state == IN_PROGRESS) {
                busy.add(pair.foundation());
            }
        }
        for (CheckedPair pair : pairs) {
            if (pair.state == FROZEN && !busy.contains(pair.foundation())) {
                return pair;
            }
        }
        return null;
    }
}
