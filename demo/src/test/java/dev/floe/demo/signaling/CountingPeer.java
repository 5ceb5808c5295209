package dev.floe.demo.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingClientConfig;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A peer that says numbers, as candidates, and remembers what it has heard. */
final class CountingPeer implements AutoCloseable {

    private static final int MESSAGES_PER_DESCRIPTION = 50;

    private final List<SignalMessage> heard = new CopyOnWriteArrayList<>();
    private SignalingClient client;
    private int said;

    private CountingPeer() {}

    static CountingPeer join(EventLoopGroup group, List<URI> servers, String room, SignalingClientConfig config)
            throws Exception {
        CountingPeer peer = new CountingPeer();
        var joining = SignalingClient.joinRoom(group, servers, room, config, peer.heard::add)
                .await();
        if (!joining.isSuccess() && joining.cause() instanceof Exception refusal) {
            throw refusal;
        }
        peer.client = joining.getNow();
        return peer;
    }

    /** With a description now and then: only so much is kept since the last one. */
    void sayNext() {
        if (said % MESSAGES_PER_DESCRIPTION == 0) {
            client.say(new Description("user", "password", null, List.of()));
        }
        client.say(new CandidateLine(String.valueOf(said)));
        said++;
    }

    List<SignalMessage> heard() {
        return heard;
    }

    /** How often it has joined or come back. */
    long welcomes() {
        return heard.stream().filter(Joined.class::isInstance).count();
    }

    void awaitWelcomes(int count, Duration limit) throws InterruptedException {
        await(() -> welcomes() >= count, limit);
    }

    void awaitHeard(int count, Duration limit) throws InterruptedException {
        await(() -> numbers().size() >= count, limit);
    }

    /** In order, without gap and without repetition. */
    void assertHeardAll(int count, Duration limit) throws InterruptedException {
        awaitHeard(count, limit);
        assertThat(numbers()).isEqualTo(IntStream.range(0, count).boxed().toList());
    }

    @Override
    public void close() {
        client.close();
    }

    private List<Integer> numbers() {
        return heard.stream()
                .filter(CandidateLine.class::isInstance)
                .map(message -> Integer.valueOf(((CandidateLine) message).candidate()))
                .toList();
    }

    private static void await(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not so after %s", limit).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
