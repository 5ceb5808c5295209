package dev.floe.ice.agent;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import java.util.Optional;
import java.util.function.Consumer;

/** What follows when a pair becomes valid and when one is selected (RFC 8445 §7.2.5.3.2, §8.1.1, §8.1.2). */
final class Selection {

    private final Consumer<IceState> state;
    private final AgentSession session;
    private final Checklist checklist;
    private final Nominator nominator;
    private final ConsentMonitor consent;
    private final Patience patience;
    private boolean isAnyValid;
    private boolean isRetired;

    /** @param state is told what is reached */
    Selection(
            Consumer<IceState> state,
            AgentSession session,
            Checklist checklist,
            Nominator nominator,
            ConsentMonitor consent,
            Patience patience) {
        this.state = state;
        this.session = session;
        this.checklist = checklist;
        this.nominator = nominator;
        this.consent = consent;
        this.patience = patience;
    }

    /** From now on what is nominated changes nothing: a nomination may be late, or the answer to one. */
    void retire() {
        isRetired = true;
    }

    Optional<CandidatePair> selectedPair() {
        return Optional.ofNullable(nominator.selected()).map(CheckedPair::toPair);
    }

    boolean isNone() {
        return nominator.selected() == null;
    }

    boolean is(CheckedPair pair) {
        return nominator.selected() == pair;
    }

    /** Whether a check of the pair could still lead to anything. */
    boolean mayBecome(CheckedPair pair) {
        CheckedPair selected = nominator.selected();
        return selected == null
                || !selected.isValid()
                || (nominator.isRevisable() && (isGuess(selected) || checklist.isBetter(pair, selected)));
    }

    /** The pair carries data both ways, which it did not before. */
    void validated(CheckedPair pair) {
        session.tell(new IceEvent.PairValidated(pair.toPair(), pair.rtt()));
        if (!isAnyValid) {
            isAnyValid = true;
            state.accept(IceState.CONNECTED);
        }
    }

    /** As the controlled side: the pair is valid or nominated, or both. */
    void consider(CheckedPair pair, long nowNanos) {
        if (!isRetired && nominator.consider(pair)) {
            select(pair, nowNanos);
        }
    }

    /** As the controlling side: the nomination was answered. */
    void confirmed(CheckedPair pair, long nomination, long nowNanos) {
        if (!isRetired && nominator.confirmed(pair, nomination)) {
            select(pair, nowNanos);
        }
    }

    private void select(CheckedPair pair, long nowNanos) {
        consent.selected(pair.lastResponseNanos(), nowNanos);
        patience.end();
        if (!nominator.isRevisable()) {
            checklist.dropAllBut(pair);
        } else if (!isGuess(pair)) {
            checklist.dropWorseThan(pair);
        }
        session.tell(new IceEvent.PairNominated(pair.toPair(), pair.rtt()));
        state.accept(IceState.COMPLETED);
    }

    // What a check has shown may turn out to be a relay's address, until the other side has told all of its own.
    private boolean isGuess(CheckedPair pair) {
        return pair.remote.type() == CandidateType.PEER_REFLEXIVE && !patience.isRemoteEnded();
    }
}
