package dev.floe.demo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/** Ctrl-C or {@code kill}, as an order to stop in good order: the process ends when that is done, and says how. */
final class StopSignal {

    private static final int GRACE_SECONDS = 5;

    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private StopSignal() {}

    /** Runs a command to its exit code. While it runs, the process does not end before it, or before a grace time. */
    static int obeyedBy(ToIntFunction<StopSignal> command) {
        StopSignal signal = new StopSignal();
        Thread hook = new Thread(signal::stop, "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        int code = 1;
        try {
            code = command.applyAsInt(signal);
            return code;
        } finally {
            signal.exitCode.complete(code);
            signal.forget(hook);
        }
    }

    /** Blocks until the process is to stop. */
    void await() {
        stop.join();
    }

    /** Whether the process is to stop. */
    boolean isGiven() {
        return stop.isDone();
    }

    /** Has this done when the process is to stop, on any thread. */
    void then(Runnable order) {
        stop.thenRun(order);
    }

    // The JVM would end with a code that says which signal came.
    private void stop() {
        stop.complete(null);
        Runtime.getRuntime()
                .halt(exitCode.completeOnTimeout(1, GRACE_SECONDS, TimeUnit.SECONDS)
                        .join());
    }

    private void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is at work, and ends the process.
        }
    }
}
