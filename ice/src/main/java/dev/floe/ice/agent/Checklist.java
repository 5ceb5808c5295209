package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FAILED;
import static dev.floe.ice.CandidatePairState.FROZEN;
import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.CandidatePairState.SUCCEEDED;
import static dev.floe.ice.CandidatePairState.WAITING;

import dev.floe.ice.CandidatePairState;
import dev.floe.ice.IceEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The pairs of the one data stream, best first, and the order in which they are checked (RFC 8445 §6.1.2, §6.1.4). */
final class Checklist {

    /** RFC 8445 §6.1.2.5. */
    static final int MAX_PAIRS = 100;

    // More pairs than an address has that is a peer's: some ports of it, from some bases.
    private static final int CROWD = 20;

    private final RoleConflict role;
    private final Consumer<IceEvent> watcher;
    private final Comparator<CheckedPair> bestFirst;
    private final List<CheckedPair> pairs = new ArrayList<>();
    private final Deque<CheckedPair> triggered = new ArrayDeque<>();
    private boolean isRunning;
    private CheckedPair inUse;

    /**
     * A list without pairs.
     *
     * @param role on which the priorities depend
     * @param watcher is told of each change
     */
    Checklist(RoleConflict role, Consumer<IceEvent> watcher) {
        this.role = role;
        this.watcher = watcher;
        bestFirst = Comparator.comparingLong(this::priority).reversed();
    }

    List<CheckedPair> pairs() {
        return pairs;
    }

    /**
     * Adds the pair at its place. Of too many pairs the worst that has shown nothing yet goes, be it this one.
     *
     * @return whether the pair is in
     */
    boolean add(CheckedPair pair) {
        int place = Collections.binarySearch(pairs, pair, bestFirst);
        pairs.add(place < 0 ? -place - 1 : place, pair);
        watcher.accept(new IceEvent.PairAdded(pair.toPair()));
        pair.watchedBy(watcher);
        if (isRunning) {
            pair.enter(initialState(pair));
        }
        return pairs.size() <= MAX_PAIRS || dropWorst(pair) != pair;
    }

    /** Adds a pair over which the other side has been heard, so that it counts for more than one that is untried. */
    boolean addAuthenticated(CheckedPair pair) {
        pair.authenticated = true;
        return add(pair);
    }

    void remove(CheckedPair pair) {
        if (pairs.remove(pair)) {
            triggered.remove(pair);
            watcher.accept(new IceEvent.PairRemoved(pair.toPair()));
        }
    }

    /** The pair is in use from now on, and nothing is frozen any more: that was to spread the checks before there was one. */
    void use(CheckedPair pair) {
        inUse = pair;
        pairs.stream().filter(frozen -> frozen.state() == FROZEN).forEach(frozen -> frozen.enter(WAITING));
    }

    /** Checks start over as those that nobody waits for, but for urgent ones and those that nominate. */
    void calm(Predicate<CheckedPair> isUrgent) {
        pairs.stream()
                .filter(pair ->
                        pair != inUse && pair.check() != null && pair.check().isHurried())
                .filter(pair -> !pair.check().nominates() && !isUrgent.test(pair))
                .forEach(this::again);
    }

    /** To be called when priorities change: on a role switch and when a remote candidate is replaced. */
    void sort() {
        pairs.sort(bestFirst);
    }

    /** A relay costs more than any difference in priority tells. */
    boolean isBetter(CheckedPair one, CheckedPair other) {
        return one.isRelayed() == other.isRelayed() ? priority(one) > priority(other) : other.isRelayed();
    }

    long priority(CheckedPair pair) {
        return pair.priority(role.role());
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
    void start() {
        isRunning = true;
        Set<PairFoundation> seen = new HashSet<>();
        for (CheckedPair pair : pairs) {
            if (seen.add(pair.foundation()) && pair.state() == FROZEN) {
                pair.enter(WAITING);
            }
        }
    }

    /** RFC 8445 §7.2.5.3.3. */
    void thaw(PairFoundation foundation) {
        for (CheckedPair pair : pairs) {
            if (pair.state() == FROZEN && pair.foundation().equals(foundation)) {
                pair.enter(WAITING);
            }
        }
    }

    /** Queues a check that goes out before all ordinary ones (RFC 8445 §6.1.4.1). */
    void trigger(CheckedPair pair) {
        pair.cancelCheck();
        pair.enter(WAITING);
        if (!triggered.contains(pair)) {
            triggered.addLast(pair);
        }
    }

    /** Queues a check of its own accord, as if there had been none. */
    void again(CheckedPair pair) {
        settle(pair);
        pair.enter(WAITING);
    }

    /** The pair needs no further check. */
    void settle(CheckedPair pair) {
        pair.cancelCheck();
        triggered.remove(pair);
    }

    CheckedPair nextTriggered() {
        return triggered.pollFirst();
    }

    boolean hasTriggered() {
        return !triggered.isEmpty();
    }

    /** The pairs to check of their own accord, in this order (RFC 8445 §6.1.4.2). */
    List<CheckedPair> ordinary() {
        List<CheckedPair> ordinary = new ArrayList<>();
        boolean isAnyFrozen = false;
        for (CheckedPair pair : pairs) {
            if (pair.state() == WAITING && !triggered.contains(pair)) {
                ordinary.add(pair);
            }
            isAnyFrozen |= pair.state() == FROZEN;
        }
        if (isAnyFrozen) {
            Set<PairFoundation> busy = busy();
            for (CheckedPair pair : pairs) {
                if (pair.state() == FROZEN && !busy.contains(pair.foundation())) {
                    ordinary.add(pair);
                }
            }
        }
        return ordinary;
    }

    /** Whether any check is under way or yet to come. */
    boolean isUnderWay() {
        return active() > 0 || pairs.stream().anyMatch(pair -> pair.state() == FROZEN);
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
            if (pair.state() == WAITING || pair.state() == IN_PROGRESS) {
                active++;
            }
        }
        return active;
    }

    /**
     * Gives up on every pair that is not valid (RFC 8445 §8.1.2, for a nomination that is final), save for those that
     * the other side nominates too, as one does that puts USE-CANDIDATE in every check.
     */
    void dropAllBut(CheckedPair selected) {
        drop(pair -> pair != selected && hasShownNothing(pair));
        for (CheckedPair pair : pairs) {
            if (pair != selected && pair.isUndecided() && pair.remoteNomination == CheckedPair.NOT_NOMINATED) {
                pair.failed();
                triggered.remove(pair);
            }
        }
    }

    private Set<PairFoundation> busy() {
        Set<PairFoundation> busy = new HashSet<>();
        for (CheckedPair pair : pairs) {
            if (pair.state() == WAITING || pair.state() == IN_PROGRESS) {
                busy.add(pair.foundation());
            }
        }
        return busy;
    }

    // RFC 8838 §12: a late pair waits for another of its foundation, unless that has succeeded already or is worse.
    private CandidatePairState initialState(CheckedPair added) {
        if (inUse != null) {
            // What comes now may be the way that a move has opened: nothing similar holds it up.
            return WAITING;
        }
        PairFoundation foundation = added.foundation();
        boolean isFirst = true;
        for (CheckedPair pair : pairs) {
            if (pair != added && pair.foundation().equals(foundation)) {
                if (pair.state() == SUCCEEDED) {
                    return WAITING;
                }
                isFirst &= bestFirst.compare(added, pair) < 0;
            }
        }
        return isFirst ? WAITING : FROZEN;
    }

    private CheckedPair dropWorst(CheckedPair added) {
        CheckedPair dropped = worstOfCrowd()
                .or(() -> worst(pair -> pair.state() == FAILED))
                .or(() -> worst(pair -> pair.state() != IN_PROGRESS))
                .or(() -> worst(pair -> true))
                .or(this::longestDead)
                .orElse(added);
        remove(dropped);
        return dropped;
    }

    /** Whoever names many ports of a host, and be they good ones by their priority, is not to crowd out all others. */
    private Optional<CheckedPair> worstOfCrowd() {
        Map<InetAddress, Integer> untried = new HashMap<>();
        boolean isCrowd = false;
        for (CheckedPair pair : pairs) {
            isCrowd |=
                    hasShownNothing(pair) && untried.merge(pair.remote.address().getAddress(), 1, Integer::sum) > CROWD;
        }
        return isCrowd ? worst(pair -> untried.get(pair.remote.address().getAddress()) > CROWD) : Optional.empty();
    }

    private Optional<CheckedPair> worst(Predicate<CheckedPair> condition) {
        for (int i = pairs.size() - 1; i >= 0; i--) {
            CheckedPair pair = pairs.get(i);
            if (hasShownNothing(pair) && pair != inUse && condition.test(pair)) {
                return Optional.of(pair);
            }
        }
        return Optional.empty();
    }

    /** A connection that roams leaves behind what was proven once: of that the one that is heard least. */
    private Optional<CheckedPair> longestDead() {
        return pairs.stream()
                .filter(pair -> !pair.isUndecided() && pair != inUse)
                .min(Comparator.comparingLong(CheckedPair::lastResponseNanos));
    }

    private void drop(Predicate<CheckedPair> condition) {
        List<CheckedPair> dropped = pairs.stream().filter(condition).toList();
        pairs.removeAll(dropped);
        triggered.removeAll(dropped);
        dropped.forEach(pair -> watcher.accept(new IceEvent.PairRemoved(pair.toPair())));
    }

    private static boolean hasShownNothing(CheckedPair pair) {
        return !pair.authenticated && !pair.isValid();
    }
}
