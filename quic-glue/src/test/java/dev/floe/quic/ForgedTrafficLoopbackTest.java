package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One who reads along sends both peers what they have sent each other, as it was or altered, during a transfer. */
@Timeout(60)
class ForgedTrafficLoopbackTest {

    private static final int TRANSFER = 1 << 20;
    private static final int PER_SECOND = 1_000;
    private static final int ROUNDS = 2_000;

    private final long seed = System.nanoTime();
    private final LoopbackPeers peers = new LoopbackPeers();

    private Attacker attacker;
    private QuicChannel client;
    private QuicChannel server;

    /** What reaches QUIC, in the order of bytes that makes it fit for a set. */
    private static final class Arrivals extends ChannelInboundHandlerAdapter {
        private final Set<ByteBuffer> datagrams = ConcurrentHashMap.newKeySet();

        static Arrivals at(QuicChannel connection) {
            Arrivals arrivals = new Arrivals();
            String path =
                    connection.parent().pipeline().context(IcePathHandler.class).name();
            connection.parent().pipeline().addAfter(path, null, arrivals);
            return arrivals;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            datagrams.add(ByteBuffer.wrap(ByteBufUtil.getBytes(((DatagramPacket) message).content())));
            ctx.fireChannelRead(message);
        }
    }

    /** The other side's ports that are sent to, from now on. */
    private static final class Moves extends ChannelInboundHandlerAdapter {
        private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

        static Moves of(QuicChannel connection) {
            Moves moves = new Moves();
            connection.parent().pipeline().addAfter(iceName(connection), null, moves);
            return moves;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.PairNominated nominated) {
                ports.add(nominated.pair().remoteAddress().getPort());
            }
            ctx.fireUserEventTriggered(event);
        }

        private static String iceName(QuicChannel connection) {
            return connection.parent().pipeline().context(IceHandler.class).name();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        System.out.println("seed of the attacker: " + seed);
        attacker = new Attacker(seed);
        Future<QuicChannel> offered = peers.offer();
        client = peers.answer().get(15, TimeUnit.SECONDS);
        server = offered.get(15, TimeUnit.SECONDS);
        ControlStreams.awaitEstablished(client);
        ControlStreams.awaitEstablished(server);
    }

    @AfterEach
    void close() throws IOException {
        peers.close();
        attacker.close();
    }

    @Test
    void datagramsWithTheConnectionsIdFromElsewhereNeitherReachQuicNorDivertIt() throws Exception {
        Wiretap toClient = Wiretap.on(client);
        Wiretap toServer = Wiretap.on(server);
        transfer();
        Wiretap.await(toClient.quic(), 10, client);
        Wiretap.await(toServer.quic(), 10, server);
        Arrivals atClient = Arrivals.at(client);
        Arrivals atServer = Arrivals.at(server);
        Set<ByteBuffer> forged = new HashSet<>();

        CompletableFuture<Void> attack = attack(round -> {
            byte[] forgedForClient = attacker.forgedQuic(toClient.quic().get(round % 10));
            byte[] forgedForServer = attacker.forgedQuic(toServer.quic().get(round % 10));
            forged.add(ByteBuffer.wrap(forgedForClient));
            forged.add(ByteBuffer.wrap(forgedForServer));
            attacker.send(forgedForClient, client);
            attacker.send(forgedForServer, server);
            attacker.send(toClient.quic().get(round % 10), client);
            attacker.send(toServer.quic().get(round % 10), server);
        });
        while (!attack.isDone()) {
            transfer();
        }

        attack.get(10, TimeUnit.SECONDS);
        assertThat(forged).hasSizeGreaterThan(ROUNDS);
        assertThat(atClient.datagrams).isNotEmpty().doesNotContainAnyElementsOf(forged);
        assertThat(atServer.datagrams).isNotEmpty().doesNotContainAnyElementsOf(forged);
        assertThat(dropped(client)).isGreaterThan(ROUNDS);
        assertThat(dropped(server)).isGreaterThan(ROUNDS);
        assertThat(attacker.received()).isEmpty();
    }

    @Test
    void replayedAndForgedChecksMoveNothing() throws Exception {
        Wiretap toClient = Wiretap.on(client);
        Wiretap toServer = Wiretap.on(server);
        suspect(client);
        suspect(server);
        Wiretap.await(toClient.stun(), 2, client);
        Wiretap.await(toServer.stun(), 2, server);
        Moves ofClient = Moves.of(client);
        Moves ofServer = Moves.of(server);
        IceRole clientsRole = role(client);
        int attackersPort = attacker.address().getPort();
        IceCredentials strange = new IceCredentials("stranger", "a-password-of-nobodys-own");
        Set<Integer> leaked = ConcurrentHashMap.newKeySet();

        CompletableFuture<Void> attack = attack(round -> {
            for (QuicChannel victim : List.of(client, server)) {
                List<byte[]> heard = (victim.equals(client) ? toClient : toServer).stun();
                byte[] replayed = heard.get(round % heard.size()).clone();
                attacker.send(replayed, victim);
                replayed[replayed.length - 1 - round % (replayed.length - 8)] ^= 1;
                attacker.send(replayed, victim);
                attacker.send(attacker.nomination(strange, strange, -1), victim);
                attacker.send(attacker.roleGame(strange, strange, -1), victim);
            }
            attacker.received().stream()
                    .filter(datagram -> !Attacker.isStun(datagram))
                    .forEach(datagram -> leaked.add(round));
        });
        while (!attack.isDone()) {
            transfer();
        }

        attack.get(10, TimeUnit.SECONDS);
        // The machine's own interfaces may come and go meanwhile.
        for (CandidatePair pair : List.of(pair(client), pair(server))) {
            assertThat(pair.remoteAddress().getPort()).isNotEqualTo(attackersPort);
        }
        assertThat(ofClient.ports).doesNotContain(attackersPort);
        assertThat(ofServer.ports).doesNotContain(attackersPort);
        assertThat(role(client)).isEqualTo(clientsRole);
        assertThat(leaked).as("rounds in which QUIC came to the attacker").isEmpty();
        assertThat(unauthenticatedStun(client)).isPositive();
        assertThat(unauthenticatedStun(server)).isPositive();
    }

    /** One round of an attack. */
    private interface Round {
        void run(int number) throws IOException;
    }

    private static CompletableFuture<Void> attack(Round round) {
        return CompletableFuture.runAsync(
                () -> {
                    long start = System.nanoTime();
                    for (int number = 0; number < ROUNDS; number++) {
                        long due = start + TimeUnit.SECONDS.toNanos(number) / PER_SECOND;
                        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                            LockSupport.parkNanos(wait);
                        }
                        try {
                            round.run(number);
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                },
                attack -> new Thread(attack, "attacker").start());
    }

    /** The client sends this much, and the server back, each byte what it has to be. */
    private void transfer() throws Exception {
        CompletableFuture<Boolean> isRight = new CompletableFuture<>();
        byte[] bytes = new byte[TRANSFER];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        client.createStream(QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                    private final ByteBuf heard = Unpooled.buffer(TRANSFER);

                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                        heard.writeBytes(content);
                        if (heard.readableBytes() >= TRANSFER) {
                            isRight.complete(heard.equals(Unpooled.wrappedBuffer(bytes)));
                            ctx.close();
                        }
                    }
                })
                .get(10, TimeUnit.SECONDS)
                .writeAndFlush(Unpooled.wrappedBuffer(bytes));
        assertThat(isRight.get(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void suspect(QuicChannel connection) {
        connection.parent().pipeline().get(IceHandler.class).suspect();
    }

    private static long dropped(QuicChannel connection) throws Exception {
        IcePathHandler path = connection.parent().pipeline().get(IcePathHandler.class);
        return connection.eventLoop().submit(path::unauthenticated).get(10, TimeUnit.SECONDS);
    }

    private static long unauthenticatedStun(QuicChannel connection) throws Exception {
        IceHandler ice = connection.parent().pipeline().get(IceHandler.class);
        return connection.eventLoop().submit(ice::unauthenticated).get(10, TimeUnit.SECONDS);
    }

    private static CandidatePair pair(QuicChannel connection) throws Exception {
        IceHandler ice = connection.parent().pipeline().get(IceHandler.class);
        return connection
                .eventLoop()
                .submit(() -> ice.selectedPair().orElseThrow())
                .get(10, TimeUnit.SECONDS);
    }

    private static IceRole role(QuicChannel connection) throws Exception {
        IceHandler ice = connection.parent().pipeline().get(IceHandler.class);
        return connection.eventLoop().submit(ice::role).get(10, TimeUnit.SECONDS);
    }
}
