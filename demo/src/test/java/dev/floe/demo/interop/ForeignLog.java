package dev.floe.demo.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the other side logs, in a thread of its own and with some delay. */
final class ForeignLog {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final List<String> lines = new ArrayList<>();

    synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    /** Waits for a line with {@code words} in it, which may have come already. */
    synchronized String await(String words) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (true) {
            for (String line : lines) {
                if (line.contains(words)) {
                    return line;
                }
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("no line with '" + words + "' in\n" + this);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    @Override
    public synchronized String toString() {
        return String.join("\n", lines);
    }
}
