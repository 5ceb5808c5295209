package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections by the draft on this machine, which begin over coturn, and peers that say over its stream what they like. */
@Timeout(60)
class DraftLoopbackTest {

    private final Coturn coturn = Coturn.start();
    private final LoopbackPeers peers = new LoopbackPeers();
    private final Seen alices = new Seen();
    private final Seen bobs = new Seen();

    private QuicChannel client;
    private QuicChannel server;

    /** What ICE tells of one side. */
    private static final class Seen extends ChannelInboundHandlerAdapter {
        final BlockingQueue<CandidatePair> nominated = new LinkedBlockingQueue<>();
        final Queue<Candidate> locals = new ConcurrentLinkedQueue<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.PairNominated selected) {
                nominated.add(selected.pair());
            } else if (event instanceof IceEvent.LocalCandidateAdded added) {
                locals.add(added.candidate());
            }
            ctx.fireUserEventTriggered(event);
        }

        CandidatePair next() throws InterruptedException {
            return nominated.poll(10, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void end() {
        peers.close();
        coturn.close();
    }

    @Test
    void connectionBeginsOverTheRelayAndMovesToADirectWay() throws Exception {
        Queue<Candidate> signaled = new ConcurrentLinkedQueue<>();
        peers.signaling.altering(description -> {
            signaled.addAll(description.candidates());
            return description;
        });
        connect();

        for (Seen seen : List.of(alices, bobs)) {
            assertThat(seen.next()).matches(CandidatePair::isRelayed);
            assertThat(seen.next()).matches(pair -> !pair.isRelayed());
        }
        assertThat(LoopbackPeers.ask(client, "Again")).isEqualTo("Again");
        assertThat(signaled).isNotEmpty().allMatch(candidate -> candidate.type() == CandidateType.RELAYED);
    }

    @Test
    void methodWithoutARelayIsRefusedAtOnce() {
        peers.alice.method(ConnectMethod.DRAFT);
        assertThatThrownBy(peers::offer)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TURN server");
    }

    /** The server's part is judged here; the codec's and the state machines' tests have all the others. */
    @ParameterizedTest
    @ValueSource(strings = {"01", "803d7e9000c00002010001", "803d7e9400"})
    void clientThatBreaksTheDraftLosesTheStreamAndNotTheConnection(String hex) throws Exception {
        connect();
        QuicStreamChannel stream = stream(client);

        stream.write(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
        stream.flush();

        assertThat(stream.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
    }

    /** Round after round at the ports of somebody else, who counts: each check is one datagram. */
    @Test
    void victimOfAFloodGetsItsBudgetAtMost() throws Exception {
        connect();
        bobs.next();
        CandidatePair direct = bobs.next();
        InetAddress host = direct.local().address().getAddress();
        int victims = 0;
        try (DatagramSocket victim = new DatagramSocket(0, host)) {
            victim.setSoTimeout(200);
            long start = System.nanoTime();
            ByteBuf flood = Unpooled.buffer();
            for (int round = 1_000; round < 2_000; round++) {
                punch(flood, round, round % 2, host, victim.getLocalPort());
            }
            stream(client).writeAndFlush(flood).sync();
            try {
                while (true) {
                    victim.receive(new DatagramPacket(new byte[1500], 1500));
                    victims++;
                    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
                }
            } catch (SocketTimeoutException e) {
                // 40 at once and 2 a second; that no more comes for 200 ms shows that they are used up.
                long seconds = 1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                assertThat(victims).isBetween(1, (int) (40 + 2 * seconds));
            }
        }
        TraversalHandler traversal = server.parent().pipeline().get(TraversalHandler.class);
        assertThat(traversal.ignored()).isGreaterThan(800);
        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
    }

    /** By hand, with a round of two bytes. */
    private static void punch(ByteBuf out, int round, int sequence, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        out.writeInt(bytes.length == 4 ? 0x803d7e92 : 0x803d7e93);
        out.writeShort(0x4000 | round).writeByte(sequence).writeBytes(bytes).writeShort(port);
    }

    private void connect() throws Exception {
        List<TurnServer> relays =
                List.of(new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD));
        peers.alice.method(ConnectMethod.DRAFT).turnServers(relays).observer(alices);
        peers.bob.method(ConnectMethod.DRAFT).turnServers(relays).observer(bobs);
        Future<QuicChannel> offered = peers.offer();
        client = peers.answer().get(20, TimeUnit.SECONDS);
        server = offered.get(20, TimeUnit.SECONDS);
        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
    }

    private static QuicStreamChannel stream(QuicChannel connection) throws Exception {
        TraversalHandler traversal = connection.parent().pipeline().get(TraversalHandler.class);
        return (QuicStreamChannel) connection
                .eventLoop()
                .submit(() -> traversal.stream().channel())
                .get(10, TimeUnit.SECONDS);
    }
}
