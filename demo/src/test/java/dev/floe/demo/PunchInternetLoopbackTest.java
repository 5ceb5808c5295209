package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.SimulatedHost;
import dev.floe.demo.lab.SimulatedInternet;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.ConnectMethod;
import dev.floe.quic.PathChangedEvent;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hole punching over a simulated internet with delay and loss, and signaling that does not always do as it should. */
@Timeout(60)
class PunchInternetLoopbackTest {

    private static final Duration ROUND_TRIP = Duration.ofMillis(40);

    private final long seed = System.nanoTime();
    private final EventLoops loops = new EventLoops(2);
    private final Signaling signaling = new Signaling();
    private final CompletableFuture<CandidatePair> nominated = new CompletableFuture<>();
    private final CompletableFuture<PathChangedEvent> moved = new CompletableFuture<>();
    private SimulatedInternet internet = new SimulatedInternet(ROUND_TRIP);

    /** Signaling that carries descriptions and words without delay, as long as it likes them. */
    private static final class Signaling {
        final Side offerer = new Side();
        final Side answerer = new Side();
        final AtomicInteger words = new AtomicInteger();
        volatile Predicate<byte[]> passes = word -> true;

        TrickleExchange.Session offer(IceDescription local, TrickleExchange.Candidates theirs) {
            return begin(offerer, answerer, local, theirs);
        }

        TrickleExchange.Session answer(IceDescription local, TrickleExchange.Candidates theirs) {
            return begin(answerer, offerer, local, theirs);
        }

        private TrickleExchange.Session begin(
                Side from, Side to, IceDescription local, TrickleExchange.Candidates theirs) {
            assertThat(local.candidates()).isEmpty();
            from.ears.setSuccess(theirs);
            from.description.setSuccess(local);
            return new TrickleExchange.Session() {
                @Override
                public Future<IceDescription> remote() {
                    return to.description;
                }

                @Override
                public void add(Candidate candidate) {}

                @Override
                public void end() {}

                @Override
                public void message(byte[] content) {
                    words.incrementAndGet();
                    if (passes.test(content)) {
                        to.hear(content);
                    }
                }
            };
        }

        static final class Side {
            final Promise<IceDescription> description = GlobalEventExecutor.INSTANCE.newPromise();
            final Promise<TrickleExchange.Candidates> ears = GlobalEventExecutor.INSTANCE.newPromise();

            void hear(byte[] word) {
                ears.addListener(there -> ears.getNow().message(word));
            }
        }
    }

    private record Connected(QuicChannel offerers, QuicChannel answerers) {
        boolean isSwapped() {
            boolean isOffererClient = offerers.sslEngine().getUseClientMode();
            assertThat(answerers.sslEngine().getUseClientMode()).isNotEqualTo(isOffererClient);
            return isOffererClient;
        }
    }

    @AfterEach
    void end() {
        loops.close();
        internet.close();
    }

    @Test
    void portRestrictedNatsAreOpenedThoughDatagramsAreLost() throws Exception {
        System.out.println("PunchInternetLoopbackTest seed " + seed);
        internet = new SimulatedInternet(ROUND_TRIP, 0.05, seed);

        Connected both = connect(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED);

        assertThat(ask(both.answerers())).isEqualTo("Hello!");
    }

    @Test
    void rolesAreSwappedForTheOneWhoseNatGivesEachDestinationAPort() throws Exception {
        Connected both = connect(NatKind.SYMMETRIC, NatKind.ADDRESS_RESTRICTED);

        assertThat(both.isSwapped()).isTrue();
        assertThat(ask(both.answerers())).isEqualTo("Hello!");
    }

    @Test
    void attemptWhoseSyncIsLostIsFollowedByOneThatConnects() throws Exception {
        signaling.passes = word -> !isSync(word) || word[0] > 1;

        Connected both = connect(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED);

        assertThat(both.isSwapped()).isTrue();
    }

    @Test
    void signalingThatDiesAfterSyncIsNotMissed() throws Exception {
        AtomicInteger left = new AtomicInteger(3);
        signaling.passes = word -> left.decrementAndGet() >= 0;

        Connected both = connect(NatKind.PORT_RESTRICTED, NatKind.ADDRESS_RESTRICTED);

        assertThat(both.isSwapped()).isFalse();
        assertThat(signaling.words).hasValue(3);
        assertThat(ask(both.answerers())).isEqualTo("Hello!");
    }

    @Test
    void nonsenseThatSignalingSaysBesideTheWordsIsPassedOver() throws Exception {
        byte[] oversized = new byte[TrickleExchange.MAX_MESSAGE];
        List<byte[]> nonsense = List.of(
                new byte[0],
                oversized,
                new byte[] {1, 2, 8, 101},
                // SYNC before CONNECT, CONNECT of a later attempt that is not the speaker's, one that is cut off
                new byte[] {1, 3, 8, (byte) 0xac, 2},
                new byte[] {9, 2, 8, 100},
                new byte[] {1, 4, 8, 100});
        nonsense.forEach(signaling.answerer::hear);
        nonsense.forEach(signaling.offerer::hear);

        Connected both = connect(NatKind.FULL_CONE, NatKind.PORT_RESTRICTED);

        assertThat(both.isSwapped()).isFalse();
    }

    @Test
    void iceTakesOverAndFollowsAPeerToOtherPorts() throws Exception {
        SimulatedHost roaming = internet.host(NatKind.FULL_CONE);
        Connected both = connect(internet.host(NatKind.ADDRESS_RESTRICTED), roaming);
        assertThat(ask(both.answerers())).isEqualTo("Hello!");
        nominated.get(10, TimeUnit.SECONDS);

        roaming.move();

        assertThat(ask(both.answerers())).isEqualTo("Hello!");
        assertThat(moved.get(10, TimeUnit.SECONDS).to().isRelayed()).isFalse();
    }

    private Connected connect(NatKind offerers, NatKind answerers) throws Exception {
        return connect(internet.host(offerers), internet.host(answerers));
    }

    private Connected connect(SimulatedHost offerers, SimulatedHost answerers) throws Exception {
        InetSocketAddress stun = internet.stunServer(loops.group());
        PeerConfig.Builder offering = config(offerers, stun).observer(new Observer());
        Future<QuicChannel> offered = PeerConnection.offer(offering.build(), signaling::offer);
        Future<QuicChannel> answered =
                PeerConnection.answer(config(answerers, stun).build(), signaling::answer);
        return new Connected(offered.get(40, TimeUnit.SECONDS), answered.get(40, TimeUnit.SECONDS));
    }

    private PeerConfig.Builder config(SimulatedHost host, InetSocketAddress stun) {
        EventLoopGroup group = loops.group();
        return PeerConfig.builder(group, PeerIdentity.generate())
                .method(ConnectMethod.PUNCH)
                .stunServers(List.of(stun))
                .bindAddress(host.bindAddress())
                .ice(settings -> settings.socketInitializer(host::attach))
                .streamHandler(Echo::new);
    }

    private static String ask(QuicChannel connection) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        QuicStreamChannel stream = connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                        answer.complete(content.toString(StandardCharsets.UTF_8));
                    }
                })
                .get(10, TimeUnit.SECONDS);
        stream.writeAndFlush(Unpooled.copiedBuffer("Hello!", StandardCharsets.UTF_8));
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static boolean isSync(byte[] word) {
        return word.length == 5;
    }

    /** Stands behind the offerer's ICE handler. */
    private final class Observer extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.PairNominated nomination) {
                nominated.complete(nomination.pair());
            } else if (event instanceof PathChangedEvent change) {
                moved.complete(change);
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
