package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** An exchange of whole descriptions that is fed candidate by candidate. */
class HalfTrickleTest {

    private static final Candidate FIRST =
            Candidate.parse("1 1 udp 3 192.0.2.1 4000 typ host").orElseThrow();
    private static final Candidate SECOND =
            Candidate.parse("2 1 udp 2 192.0.2.2 4000 typ host").orElseThrow();

    private final List<IceDescription> told = new ArrayList<>();

    @Test
    void wholeDescriptionPromisesNoMoreCandidates() {
        TrickleExchange.Session session = begin(Set.of(IceDescription.TRICKLE));
        assertThat(told).isEmpty();
        session.add(SECOND);
        session.end();

        assertThat(told).hasSize(1).allMatch(IceDescription::isComplete);
        assertThat(told.get(0).offers(IceDescription.TRICKLE)).isTrue();
        assertThat(told.get(0).candidates()).containsExactly(FIRST, SECOND);
    }

    @Test
    void descriptionOfASideThatDoesNotTrickleStaysAsItIs() {
        begin(Set.of()).end();

        assertThat(told).hasSize(1).allMatch(whole -> whole.options().isEmpty());
    }

    @Test
    void nothingIsToldAfterTheEnd() {
        TrickleExchange.Session session = begin(Set.of(IceDescription.TRICKLE));
        session.end();
        session.add(SECOND);
        session.end();

        assertThat(told)
                .singleElement()
                .satisfies(whole -> assertThat(whole.candidates()).containsExactly(FIRST));
    }

    private TrickleExchange.Session begin(Set<String> options) {
        IceCredentials credentials = IceCredentials.random(new SplittableRandom(1));
        return TrickleExchange.half(this::exchange)
                .begin(new IceDescription(credentials, null, options, List.of(FIRST)), null);
    }

    private Future<IceDescription> exchange(IceDescription whole) {
        told.add(whole);
        return ImmediateEventExecutor.INSTANCE.newPromise();
    }
}
