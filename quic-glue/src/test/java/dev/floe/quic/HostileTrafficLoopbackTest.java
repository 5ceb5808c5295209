package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A third socket that sends to both peers' ports, before, during and after the handshake. */
@Timeout(60)
class HostileTrafficLoopbackTest {

    private static final int TRANSFER = 1 << 20;

    private final long seed = System.nanoTime();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Set<InetSocketAddress> targets = ConcurrentHashMap.newKeySet();
    private final LoopbackPeers peers = new LoopbackPeers();

    private DatagramSocket socket;

    /** Sends a burst whenever something happens. */
    private final class Provoked extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent || event instanceof SwapEvent) {
                burst(10);
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    @BeforeEach
    void open() throws IOException {
        System.out.println("seed of the hostile traffic: " + seed);
        socket = new DatagramSocket();
        peers.signaling.altering(description -> {
            description.candidates().forEach(candidate -> targets.add(candidate.address()));
            burst(10);
            return description;
        });
        peers.alice.observer(new Provoked());
        peers.bob.observer(new Provoked());
    }

    @AfterEach
    void close() {
        peers.close();
        socket.close();
    }

    @Test
    void connectionLivesAndWhatIsDroppedIsCounted() throws Exception {
        Future<QuicChannel> offered = peers.offer();
        Future<QuicChannel> answered = peers.answer();
        QuicChannel client = answered.get(15, TimeUnit.SECONDS);
        QuicChannel server = offered.get(15, TimeUnit.SECONDS);

        CompletableFuture<Integer> transfer = transfer(client);
        for (int i = 0; i < 100; i++) {
            burst(5);
        }

        assertThat(transfer.get(30, TimeUnit.SECONDS)).isEqualTo(TRANSFER);
        assertThat(client.isActive()).isTrue();
        assertThat(server.isActive()).isTrue();
        assertCounted(client);
        assertCounted(server);
    }

    private static void assertCounted(QuicChannel connection) throws Exception {
        ChannelPipeline pipeline = connection.parent().pipeline();
        connection
                .eventLoop()
                .submit(() -> {
                    assertThat(pipeline.get(StunCodec.class).malformed()).isPositive();
                    assertThat(pipeline.get(IceHandler.class).unauthenticated()).isPositive();
                    assertThat(pipeline.get(IcePathHandler.class).unauthenticated())
                            .isPositive();
                    assertThat(pipeline.get(IcePathHandler.class).notQuic()).isPositive();
                })
                .get(10, TimeUnit.SECONDS);
    }

    /** The client sends this much, the server sends it back; how much of it has come. */
    private static CompletableFuture<Integer> transfer(QuicChannel client) throws Exception {
        CompletableFuture<Integer> received = new CompletableFuture<>();
        QuicStreamChannel stream = client.createStream(
                        QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                            private int count;

                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                                count += content.readableBytes();
                                if (count >= TRANSFER) {
                                    received.complete(count);
                                }
                            }
                        })
                .get(10, TimeUnit.SECONDS);
        stream.writeAndFlush(Unpooled.wrappedBuffer(new byte[TRANSFER]));
        return received;
    }

    /** Each kind of bad datagram, so many times. From any thread. */
    private synchronized void burst(int times) {
        for (int i = 0; i < times; i++) {
            byte[] check = forgedCheck();
            send(check);
            send(Arrays.copyOf(check, 20 + random.nextInt(check.length - 20)));
            send(randomBytes(0, 256));
            send(randomBytes(0xC0, 64));
            send(randomBytes(0x40, 64));
            send(randomBytes(0x80, 64));
            send(new byte[0]);
        }
    }

    private void send(byte[] bytes) {
        for (InetSocketAddress target : targets) {
            try {
                socket.send(new DatagramPacket(bytes, bytes.length, target));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @param from the least value of the first byte, which is one of {@code range} */
    private byte[] randomBytes(int from, int range) {
        byte[] bytes = new byte[1 + random.nextInt(1_400)];
        random.nextBytes(bytes);
        bytes[0] = (byte) (from + random.nextInt(range));
        return bytes;
    }

    private byte[] forgedCheck() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username("some:body"))
                .add(new StunAttribute.Priority(1))
                .add(new StunAttribute.UseCandidate())
                .sign(StunKey.shortTerm("not the password"))
                .fingerprint()
                .build()
                .toByteArray();
    }
}
