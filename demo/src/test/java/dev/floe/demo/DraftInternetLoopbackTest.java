package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.SimulatedHost;
import dev.floe.demo.lab.SimulatedInternet;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.DescriptionExchange;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.quic.ConnectMethod;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import dev.floe.testing.NioLoops;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections by the draft over an internet with delay and loss, with a real relay in it. */
@Timeout(60)
class DraftInternetLoopbackTest {

    private static final Duration ROUND_TRIP = Duration.ofMillis(40);
    private static final double LOSS = 0.05;

    private final EventLoopGroup group = NioLoops.create(2);
    private final Coturn coturn = Coturn.start("--mobility");
    private final Promise<IceDescription> offer = GlobalEventExecutor.INSTANCE.newPromise();
    private final Promise<IceDescription> answer = GlobalEventExecutor.INSTANCE.newPromise();
    private SimulatedInternet internet;
    private InetSocketAddress stun;
    private Peer offerer;
    private Peer answerer;
    private List<Future<QuicChannel>> connections = List.of();

    @AfterEach
    void end() throws Exception {
        for (Future<QuicChannel> connected : connections) {
            if (connected.isSuccess()) {
                connected.getNow().close();
                connected.getNow().parent().closeFuture().sync();
            }
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        coturn.close();
        internet.close();
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, NONE",
        "FULL_CONE, SYMMETRIC",
        "SYMMETRIC, ADDRESS_RESTRICTED",
        "PORT_RESTRICTED, PORT_RESTRICTED",
    })
    void connectionBeginsOverTheRelayAndMovesToADirectWay(NatKind offering, NatKind answering) throws Exception {
        QuicChannel connection = connect(offering, answering);
        assertThat(offerer.next(nominated -> true)).matches(CandidatePair::isRelayed);
        assertThat(answerer.next(nominated -> true)).matches(CandidatePair::isRelayed);

        offerer.next(pair -> !pair.isRelayed());
        answerer.next(pair -> !pair.isRelayed());

        assertThat(ask(connection, "still there")).isEqualTo("still there");
    }

    @Test
    void connectionStaysOnTheRelayWhereNothingElseWorks() throws Exception {
        QuicChannel connection = connect(NatKind.SYMMETRIC, NatKind.SYMMETRIC);
        offerer.await(event ->
                event instanceof IceEvent.PairRemoved removed && !removed.pair().isRelayed());
        assertThat(ask(connection, "still there")).isEqualTo("still there");
        assertThat(offerer.nominated).allMatch(CandidatePair::isRelayed);
    }

    /** The server has heard of the pair, and nothing of the pair itself. */
    @Test
    void relayThatDiesInTheMiddleOfARoundLeavesTheDirectWay() throws Exception {
        QuicChannel connection = connect(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED);
        offerer.await(event ->
                event instanceof IceEvent.PairAdded added && !added.pair().isRelayed());
        coturn.kill();

        offerer.next(pair -> !pair.isRelayed());
        answerer.next(pair -> !pair.isRelayed());
        assertThat(ask(connection, "without a relay")).isEqualTo("without a relay");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void roamIsANewRound(boolean offererRoams) throws Exception {
        QuicChannel connection = connect(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED);
        offerer.next(pair -> !pair.isRelayed());
        CandidatePair before = answerer.next(pair -> !pair.isRelayed());
        assertThat(ask(connection, "at home")).isEqualTo("at home");
        Peer roaming = offererRoams ? offerer : answerer;
        Peer staying = offererRoams ? answerer : offerer;
        staying.events.clear();

        roaming.host.move();

        // The NATs let nothing in from where nothing was sent to: one side has to be told by the draft's frames.
        staying.await(event -> event instanceof IceEvent.RemoteCandidateAdded added
                && added.candidate().type() == CandidateType.HOST
                && added.candidate().address().getAddress().equals(roaming.host.outside()));
        answerer.next(pair -> !pair.isRelayed() && !pair.equals(before));
        assertThat(ask(connection, "abroad")).isEqualTo("abroad");
    }

    private QuicChannel connect(NatKind offering, NatKind answering) throws Exception {
        internet = new SimulatedInternet(ROUND_TRIP, LOSS, 8);
        stun = internet.stunServer(group);
        offerer = new Peer(internet.host(offering));
        answerer = new Peer(internet.host(answering));
        connections = List.of(
                PeerConnection.offer(offerer.config(), exchange(offer, answer)),
                PeerConnection.answer(answerer.config(), exchange(answer, offer)));
        QuicChannel connection = connections.get(1).get(20, TimeUnit.SECONDS);
        assertThat(ask(connection, "Hello!")).isEqualTo("Hello!");
        return connection;
    }

    private static DescriptionExchange exchange(Promise<IceDescription> mine, Promise<IceDescription> theirs) {
        return local -> {
            mine.setSuccess(local);
            return theirs;
        };
    }

    private static String ask(QuicChannel connection, String text) throws Exception {
        Promise<String> answer = GlobalEventExecutor.INSTANCE.newPromise();
        QuicStreamChannel stream = connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                        answer.trySuccess(content.toString(StandardCharsets.UTF_8));
                    }
                })
                .get(10, TimeUnit.SECONDS);
        stream.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        return answer.get(20, TimeUnit.SECONDS);
    }

    /** One side, and what ICE tells it. */
    private final class Peer extends ChannelInboundHandlerAdapter {
        final SimulatedHost host;
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        final BlockingQueue<CandidatePair> nominated = new LinkedBlockingQueue<>();

        Peer(SimulatedHost host) {
            this.host = host;
        }

        PeerConfig config() {
            return PeerConfig.builder(group, PeerIdentity.generate())
                    .method(ConnectMethod.DRAFT)
                    .stunServers(List.of(stun))
                    .turnServers(List.of(
                            new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD)))
                    .bindAddress(host.bindAddress())
                    .ice(settings -> settings.socketInitializer(host::attach))
                    .streamHandler(Echo::new)
                    .observer(this)
                    .build();
        }

        CandidatePair next(Predicate<CandidatePair> condition) throws InterruptedException {
            return poll(nominated, condition);
        }

        void await(Predicate<Object> condition) throws InterruptedException {
            poll(events, condition);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
            if (event instanceof IceEvent.PairNominated selected) {
                nominated.add(selected.pair());
            }
            ctx.fireUserEventTriggered(event);
        }

        private <T> T poll(BlockingQueue<T> queue, Predicate<? super T> condition) throws InterruptedException {
            T next;
            do {
                next = queue.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("something that fits comes in time").isNotNull();
            } while (!condition.test(next));
            return next;
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
