package dev.floe.demo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C or {@code kill}, as an order to stop in good order: the process ends when that is done, and says how. */
final class StopSignal {

    private static final int GRACE_SECONDS = 5;

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    /** Blocks until the process is to stop; from now on it ends only after {@link #ended}, or a grace time. */
    void await() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        stop.await();
    }

    /** The process has nothing more to do. */
    void ended(int code) {
        exitCode.complete(code);
    }

    // The JVM would end with a code that says which signal came.
    private void stop() {
        stop.countDown();
        Runtime.getRuntime()
                .halt(exitCode.completeOnTimeout(1, GRACE_SECONDS, TimeUnit.SECONDS)
                        .join());
    }
}
