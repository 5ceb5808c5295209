package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.EventWatch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A change of network in the middle of a {@link Talk}, with a while before and after it in which nothing happens.
 *
 * @param move changes the network
 * @param end ends the talk
 */
record Roam(Runnable move, Runnable end) {

    private static final Duration A_WHILE = Duration.ofSeconds(1);

    /** QUIC goes on waiting for longer; nobody who looks on does. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * Blocks until the talk is to end.
     *
     * @param over completes when there is nothing to wait for any more
     */
    void play(EventWatch watch, CompletableFuture<?> over) {
        CompletableFuture<Void> echoed = watch.first(Event.Echo.class);
        CompletableFuture<Void> moved = watch.first(Event.PathChanged.class);
        CompletableFuture.anyOf(echoed, over).join();
        waitFor(A_WHILE, over);
        if (!over.isDone()) {
            move.run();
            waitFor(PATIENCE, CompletableFuture.anyOf(moved, over));
            waitFor(A_WHILE, over);
            end.run();
        }
    }

    private static void waitFor(Duration time, CompletableFuture<?> event) {
        event.handle((done, failure) -> null)
                .completeOnTimeout(null, time.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
