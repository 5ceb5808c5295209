package dev.floe.demo.lab;

import java.util.function.Supplier;

/** The end of this process, at which what it has made is taken away, and after which nothing more is made. */
final class Ending {

    private boolean isReached;

    /** @param cleanup takes away what was made; on a thread of its own */
    Ending(Runnable cleanup) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            reach();
            cleanup.run();
        }));
    }

    /**
     * Makes something, while the end waits.
     *
     * @throws IllegalStateException if the end is reached
     */
    synchronized <T> T before(Supplier<T> making) {
        if (isReached) {
            throw new IllegalStateException("this process ends");
        }
        return making.get();
    }

    private synchronized void reach() {
        isReached = true;
    }
}
