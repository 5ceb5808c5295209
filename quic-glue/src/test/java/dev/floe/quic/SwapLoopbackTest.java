package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One side swaps late, as if its nomination had come late, and QUIC is not to notice. */
@Timeout(60)
class SwapLoopbackTest {

    private static final int RUNS = 12;
    private static final int MAX_DELAY_MILLIS = 300;

    /** Before the swap handler: tells it late what ICE has found, while datagrams pass at once. */
    private static class Delay extends ChannelInboundHandlerAdapter {
        private final int millis;
        volatile SwapEvent swap;

        Delay(int millis) {
            this.millis = millis;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SwapEvent swapped) {
                swap = swapped;
            }
            if (event instanceof IceEvent && millis > 0) {
                ctx.executor().schedule(() -> ctx.fireUserEventTriggered(event), millis, TimeUnit.MILLISECONDS);
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }
    }

    /** What a peer that holds nothing would do. */
    private static final class DelayAndDrop extends Delay {
        DelayAndDrop(int millis) {
            super(millis);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (swap == null && message instanceof DatagramPacket packet) {
                packet.release();
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }

    /** What each side's QUIC had lost when its handshake was complete. */
    private record Losses(long client, long server) {}

    @Test
    void handshakeNeverWaitsForARetransmission() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed of the delayed swaps: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int replayed = 0;
        for (int run = 0; run < RUNS; run++) {
            int millis = random.nextInt(MAX_DELAY_MILLIS + 1);
            boolean isServerLate = random.nextBoolean();
            boolean isEarly = random.nextBoolean();
            Delay atServer = new Delay(isServerLate ? millis : 0);
            Delay atClient = new Delay(isServerLate ? 0 : millis);

            Losses losses = connect(atServer, atClient, isEarly);

            assertThat(losses)
                    .as("run %d: %s late by %d ms, early %s", run, isServerLate ? "server" : "client", millis, isEarly)
                    .isEqualTo(new Losses(0, 0));
            replayed += atServer.swap.replayed() + atClient.swap.replayed();
        }
        assertThat(replayed)
                .as("datagrams that came before the codec, of all runs")
                .isPositive();
    }

    /** Shows that the counters of the other test would tell. */
    @Test
    void handshakeWaitsForARetransmissionIfNothingIsHeld() throws Exception {
        Losses losses = connect(new DelayAndDrop(200), new Delay(0), false);

        assertThat(losses.client()).isPositive();
    }

    private static Losses connect(Delay atServer, Delay atClient, boolean isEarly) throws Exception {
        try (LoopbackPeers peers = new LoopbackPeers()) {
            peers.alice.observer(atServer);
            peers.bob.observer(atClient).earlyStart(isEarly);
            CompletableFuture<Long> server = lost(peers.offer());
            CompletableFuture<Long> client = lost(peers.answer());
            return new Losses(client.get(15, TimeUnit.SECONDS), server.get(15, TimeUnit.SECONDS));
        }
    }

    /**
     * Counted in the very turn in which the handshake is complete. What was sent again does not count: a busy machine
     * makes QUIC probe though nothing is lost.
     */
    private static CompletableFuture<Long> lost(Future<QuicChannel> connected) {
        CompletableFuture<Long> lost = new CompletableFuture<>();
        connected.addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                QuicConnectionStats stats = done.getNow().collectStats().getNow();
                lost.complete(stats.lost());
            } else {
                lost.completeExceptionally(done.cause());
            }
        });
        return lost;
    }
}
