package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.ice.TrickleExchange;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrickleHandlerTest {

    private static final Candidate HOME = candidate("1 1 udp 2130706431 192.0.2.1 5000 typ host");
    private static final Candidate AWAY = candidate("2 1 udp 2130706175 198.51.100.1 5000 typ host");

    private final List<Candidate> told = new ArrayList<>();
    private final IceHandler ice =
            new IceHandler(IceConfig.builder(IceRole.CONTROLLING).build());
    private final TrickleHandler trickle = new TrickleHandler(new InBandSignaling(ice, new IcePathHandler(ice)));
    private final EmbeddedChannel channel = new EmbeddedChannel(trickle);

    /** Remembers what is said. */
    private final class Session implements TrickleExchange.Session {
        @Override
        public Future<IceDescription> remote() {
            return ImmediateEventExecutor.INSTANCE.newPromise();
        }

        @Override
        public void add(Candidate candidate) {
            told.add(candidate);
        }

        @Override
        public void end() {}
    }

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    /** A way out and back again: the other side may have forgotten the first place, and its NAT has. */
    @Test
    void candidateOfTheDescriptionIsToldWhenItComesBack() {
        find(HOME);
        trickle.tellThrough(new Session(), List.of(HOME));
        find(AWAY);
        find(HOME);
        assertThat(told).containsExactly(AWAY, HOME);
    }

    @Test
    void candidateOfTheDescriptionWhoseEventIsStillToComeIsNotToldTwice() {
        trickle.tellThrough(new Session(), List.of(HOME));
        find(HOME);
        find(AWAY);
        find(HOME);
        assertThat(told).containsExactly(AWAY, HOME);
    }

    private void find(Candidate candidate) {
        channel.pipeline().fireUserEventTriggered(new IceEvent.LocalCandidateAdded(candidate));
    }

    private static Candidate candidate(String sdp) {
        return Candidate.parse(sdp).orElseThrow();
    }
}
