package dev.floe.ice.agent;

import dev.floe.ice.CandidatePair;
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
    private CandidatePair told;

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

    boolean isRetired() {
        return isRetired;
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

    /** Whether a further pair could still be of use. */
    boolean isOpen() {
        return nominator.isRevisable() || isNone() || !nominator.selected().isValid();
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

    /** The selected pair is dead, and this one takes its place. */
    void goOver(CheckedPair pair, long nowNanos) {
        nominator.goOver(pair);
        select(pair, nowNanos);
    }

    /** The pair was answered: if it is the selected one, the other side may see it come from elsewhere now. */
    void answered(CheckedPair pair, long nowNanos) {
        if (is(pair)) {
            consent.renewed(nowNanos);
            if (!pair.toPair().local().address().equals(told.local().address()) && !isRetired) {
                tell(pair);
            }
        }
    }

    private void select(CheckedPair pair, long nowNanos) {
        consent.selected(pair.lastResponseNanos(), nowNanos);
        patience.end();
        if (nominator.isRevisable()) {
            checklist.use(pair);
            checklist.calm(nominator::isUrgent);
        } else {
            checklist.dropAllBut(pair);
        }
        tell(pair);
        state.accept(IceState.COMPLETED);
    }

    private void tell(CheckedPair pair) {
        told = pair.toPair();
        session.tell(new IceEvent.PairNominated(told, pair.rtt()));
    }
}
