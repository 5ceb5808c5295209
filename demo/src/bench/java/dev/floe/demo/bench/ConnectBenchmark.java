package dev.floe.demo.bench;

import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * How long connecting takes; then connects two peers again and again while the swap of one side comes late, and counts what QUIC lost by it. Most of the
 * time is waiting, so a few run at a time.
 */
final class ConnectBenchmark implements Benchmark {

    private static final int SWAPS = 100;
    private static final int AT_A_TIME = 4;
    private static final int MAX_DELAY_MILLIS = 300;
    private static final int TIMEOUT_SECONDS = 10;
    private static final int ALL_TIMEOUT_SECONDS = 60;

    private final long seed;
    private final PeerIdentity offerer = PeerIdentity.generate();
    private final PeerIdentity answerer = PeerIdentity.generate();

    /**
     * One connection.
     *
     * @param lost packets that the client's QUIC took for lost until its handshake was complete
     * @param handshakeNanos from the later side's swap to the client's complete handshake
     */
    private record Outcome(long lost, int replayed, long handshakeNanos) {}

    /** The client when its handshake was complete. */
    private record Connected(long lost, long nanos) {}

    ConnectBenchmark(long seed) {
        this.seed = seed;
    }

    @Override
    public String name() {
        return "connect";
    }

    @Override
    public List<Figure> run(Report report) throws Exception {
        List<Figure> figures = new ArrayList<>(new ConnectTimes(report, name()).run());
        report.step(name(), Map.of("seed", seed));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            // Uncounted: the first handshake of a process takes as long as a delay.
            swap(group, new SwapDelay(0), new SwapDelay(0));
            List<Outcome> outcomes = new ArrayList<>();
            for (java.util.concurrent.Future<Outcome> outcome : workers.invokeAll(swaps(group), ALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                outcomes.add(outcome.get());
            }
            figures.addAll(figures(outcomes));
            return figures;
        } finally {
            workers.shutdownNow();
            group.shutdownGracefully(0, TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private List<Callable<Outcome>> swaps(EventLoopGroup group) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Callable<Outcome>> swaps = new ArrayList<>();
        for (int i = 0; i < SWAPS; i++) {
            int delayMillis = random.nextInt(MAX_DELAY_MILLIS + 1);
            boolean isServerLate = random.nextBoolean();
            swaps.add(() -> swap(
                    group, new SwapDelay(isServerLate ? delayMillis : 0), new SwapDelay(isServerLate ? 0 : delayMillis)));
        }
        return swaps;
    }

    private Outcome swap(EventLoopGroup group, SwapDelay atServer, SwapDelay atClient) throws Exception {
        InMemoryExchange signaling = new InMemoryExchange();
        Future<QuicChannel> server = PeerConnection.offer(
                PeerConfig.builder(group, offerer).observer(atServer).build(), signaling::offer);
        Future<QuicChannel> client = PeerConnection.answer(
                PeerConfig.builder(group, answerer).observer(atClient).build(), signaling::answer);
        CompletableFuture<Connected> connected = new CompletableFuture<>();
        client.addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                note(done.getNow(), connected);
            } else {
                connected.completeExceptionally(done.cause());
            }
        });
        Connected atHandshake = connected.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        // The server tells of its swap when it has answered, and by then the client may be done.
        close(server.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        close(client.getNow());
        long swappedNanos = Math.max(atServer.swappedNanos(), atClient.swappedNanos());
        return new Outcome(
                atHandshake.lost(), atServer.replayed() + atClient.replayed(), atHandshake.nanos() - swappedNanos);
    }

    private static void close(QuicChannel connection) {
        if (!connection.close().awaitUninterruptibly(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a connection took more than " + TIMEOUT_SECONDS + " s to close");
        }
    }

    private static void note(QuicChannel client, CompletableFuture<Connected> connected) {
        long now = System.nanoTime();
        client.collectStats().addListener((Future<QuicConnectionStats> stats) -> {
            if (stats.isSuccess()) {
                connected.complete(new Connected(stats.getNow().lost(), now));
            } else {
                connected.completeExceptionally(stats.cause());
            }
        });
    }

    private static List<Figure> figures(List<Outcome> outcomes) {
        long lost = outcomes.stream().mapToLong(Outcome::lost).sum();
        long replayed = outcomes.stream().mapToLong(Outcome::replayed).sum();
        long slowest = outcomes.stream().mapToLong(Outcome::handshakeNanos).max().orElseThrow();
        return List.of(
                Figure.of("held_swaps", outcomes.size(), "connections, one side's swap late by 0 to 300 ms"),
                Figure.of("held_lost", lost, "QUIC packets lost at the client when the handshake was complete, in all"),
                Figure.of("held_replayed", replayed, "datagrams that came before the codec and were replayed into it"),
                Figure.of("held_handshake_max_ms", slowest / 1e6, "ms, the later swap to the client's handshake, slowest; 1000 if an Initial were lost"));
    }
}
