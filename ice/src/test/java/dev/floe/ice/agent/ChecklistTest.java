package dev.floe.ice.agent;

import static dev.floe.ice.CandidatePairState.FROZEN;
import static dev.floe.ice.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.CandidatePairState.SUCCEEDED;
import static dev.floe.ice.CandidatePairState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.stun.transaction.StunTransaction;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChecklistTest {

    private final Checklist checklist = new Checklist(new RoleConflict(IceRole.CONTROLLING, () -> 1), event -> {});

    @Test
    void pairsAreOrderedByPriorityWhateverTheOrderTheyCameIn() {
        CheckedPair low = add("a", 10);
        CheckedPair high = add("b", 30);
        CheckedPair middle = add("c", 20);

        assertThat(checklist.pairs()).containsExactly(high, middle, low);
    }

    @Test
    void onlyTheBestPairOfEachFoundationStartsWaiting() {
        CheckedPair best = add("same", 30);
        CheckedPair second = add("same", 20);
        CheckedPair other = add("other", 10);

        checklist.start();

        assertThat(List.of(best.state(), second.state(), other.state())).containsExactly(WAITING, FROZEN, WAITING);
    }

    @Test
    void successThawsItsFoundationAndNoOther() {
        CheckedPair sameFoundation = add("same", 20);
        CheckedPair other = add("other", 10);

        checklist.thaw(add("same", 30).foundation());

        assertThat(sameFoundation.state()).isEqualTo(WAITING);
        assertThat(other.state()).isEqualTo(FROZEN);
    }

    @Test
    void frozenPairWaitsForTheOneOfItsFoundationThatIsUnderWay() {
        CheckedPair first = add("same", 30);
        CheckedPair second = add("same", 20);
        first.enter(IN_PROGRESS);

        assertThat(nextOrdinary()).isNull();

        first.failed();
        assertThat(nextOrdinary()).isSameAs(second);
    }

    @Test
    void pairThatComesLateWhileAnotherIsInUseWaitsForNoneOfItsFoundation() {
        CheckedPair dead = add("same", 30);
        checklist.start();
        checklist.use(dead);
        CheckedPair underWay = add("same", 20);
        underWay.enter(IN_PROGRESS);

        assertThat(add("same", 10).state()).isEqualTo(WAITING);
    }

    @Test
    void triggeredPairGoesBeforeABetterOrdinaryOne() {
        CheckedPair ordinary = add("a", 30);
        CheckedPair triggered = add("b", 10);
        checklist.start();

        checklist.trigger(triggered);

        assertThat(checklist.nextTriggered()).isSameAs(triggered);
        assertThat(checklist.nextTriggered()).isNull();
        assertThat(nextOrdinary()).isSameAs(ordinary);
    }

    @Test
    void triggeredPairsGoInTheOrderTheyCameInAndEachOnce() {
        CheckedPair first = add("a", 10);
        CheckedPair second = add("b", 20);

        checklist.trigger(first);
        checklist.trigger(second);
        checklist.trigger(first);

        assertThat(checklist.nextTriggered()).isSameAs(first);
        assertThat(checklist.nextTriggered()).isSameAs(second);
        assertThat(checklist.nextTriggered()).isNull();
    }

    @Test
    void pairTooManyPushesOutTheWorstThatHasShownNothing() {
        CheckedPair worstButHeard = add("w", 1);
        worstButHeard.authenticated = true;
        CheckedPair worst = add("x", 2);
        for (int i = 2; i < Checklist.MAX_PAIRS; i++) {
            add("f" + i, 10 + i);
        }
        assertThat(checklist.pairs()).hasSize(Checklist.MAX_PAIRS);

        CheckedPair best = add("b", 5000);

        assertThat(checklist.pairs())
                .hasSize(Checklist.MAX_PAIRS)
                .contains(best, worstButHeard)
                .doesNotContain(worst);
    }

    @Test
    void finalNominationKeepsTheOthersThatAreValid() {
        CheckedPair selected = valid(add("a", 10));
        CheckedPair alsoValid = valid(add("b", 30));
        CheckedPair untried = add("c", 20);

        checklist.dropAllBut(selected);

        assertThat(checklist.pairs()).containsExactly(alsoValid, selected).doesNotContain(untried);
        assertThat(alsoValid.isValid()).isTrue();
    }

    @Test
    void checksThatNobodyWaitsForAnyMoreStartOver() {
        CheckedPair urgent = add("b", 30);
        CheckedPair other = add("c", 10);
        List.of(urgent, other).forEach(ChecklistTest::begin);

        checklist.calm(pair -> pair == urgent);

        assertThat(List.of(urgent.state(), other.state())).containsExactly(IN_PROGRESS, WAITING);
    }

    private CheckedPair nextOrdinary() {
        return checklist.ordinary().stream().findFirst().orElse(null);
    }

    private CheckedPair add(String foundation, int preference) {
        LocalCandidate local =
                new LocalCandidate(ScriptedPeer.host(AgentDriver.HOST, 65_535), AgentDriver.BASE, 65_535);
        Candidate remote = ScriptedPeer.candidate(
                CandidateType.HOST, foundation, ScriptedPeer.address("198.51.100.1", 1000 + preference), preference);
        CheckedPair pair = new CheckedPair(local, remote);
        checklist.add(pair);
        return pair;
    }

    private static void begin(CheckedPair pair) {
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SplittableRandom(1)))
                .build();
        pair.started(
                new Check(new StunTransaction(request, 1, 1, 1), IceRole.CONTROLLING, CheckedPair.NOT_NOMINATED, true));
        pair.enter(IN_PROGRESS);
    }

    private static CheckedPair valid(CheckedPair pair) {
        pair.validated(pair.local.candidate(), 1, 1);
        assertThat(pair.state()).isEqualTo(SUCCEEDED);
        return pair;
    }
}
