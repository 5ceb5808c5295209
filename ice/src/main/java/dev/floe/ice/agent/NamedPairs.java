package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FAILED;

import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.NamedPair;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pairs without a relay that are checked because somebody has named them, in an agent that pairs only relays by
 * itself.
 */
final class NamedPairs {

    private final AgentSession session;
    private final LocalCandidates locals;
    private final RemoteCandidates remotes;
    private final Checklist checklist;
    private Set<Way> named = new HashSet<>();

    private record Way(InetSocketAddress base, InetSocketAddress remote) {}

    NamedPairs(AgentSession session, LocalCandidates locals, RemoteCandidates remotes, Checklist checklist) {
        this.session = session;
        this.locals = locals;
        this.remotes = remotes;
        this.checklist = checklist;
    }

    /** Whether the agent may pair the two by itself. */
    static boolean isOwn(LocalCandidate local, CandidateType remote) {
        return local.candidate().type() == CandidateType.RELAYED && remote == CandidateType.RELAYED;
    }

    /** Names these pairs in place of those of before, which go unless they have shown something. */
    void name(Collection<NamedPair> pairs, long nowNanos) {
        Map<Way, CheckedPair> wanted = new LinkedHashMap<>();
        for (NamedPair pair : pairs) {
            locals.directAt(pair.local())
                    .filter(local -> local.isOfFamilyOf(pair.remote().address()))
                    .ifPresent(local -> wanted.putIfAbsent(
                            new Way(local.base(), pair.remote().address()), new CheckedPair(local, pair.remote())));
        }
        named.stream().filter(way -> !wanted.containsKey(way)).toList().forEach(this::forget);
        wanted.forEach((way, pair) -> {
            if (!named.contains(way)) {
                begin(way, pair, nowNanos);
            }
        });
        named = new HashSet<>(wanted.keySet());
    }

    private void begin(Way way, CheckedPair pair, long nowNanos) {
        if (remotes.add(pair.remote, nowNanos)) {
            session.tell(new IceEvent.RemoteCandidateAdded(pair.remote));
            // A check may have shown it before.
            checklist.pairs().stream()
                    .filter(shown -> shown.remote.address().equals(way.remote()))
                    .forEach(shown -> shown.remote = pair.remote);
            checklist.sort();
        }
        CheckedPair known = checklist.find(way.base(), way.remote());
        if (known == null) {
            checklist.add(pair);
        } else if (known.isGone() || known.state() == FAILED) {
            known.returned();
            checklist.again(known);
        }
    }

    private void forget(Way way) {
        CheckedPair pair = checklist.find(way.base(), way.remote());
        if (pair != null && !pair.authenticated && !pair.isValid()) {
            checklist.remove(pair);
        }
        List<CheckedPair> left = checklist.pairs().stream()
                .filter(other -> other.remote.address().equals(way.remote()))
                .toList();
        if (left.isEmpty()) {
            remotes.forget(way.remote());
        }
    }
}
