package dev.floe.quic.capture;

import java.util.concurrent.atomic.AtomicLong;

/** One of a file's interfaces, and how much of what passes it is in the file. Safe for several threads. */
final class CaptureInterface {

    private final int number;
    private final String name;
    private final String description;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    CaptureInterface(int number, String name, String description) {
        this.number = number;
        this.name = name;
        this.description = description;
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    void write() {
        written.incrementAndGet();
    }

    long written() {
        return written.get();
    }

    void drop() {
        dropped.incrementAndGet();
    }

    long dropped() {
        return dropped.get();
    }
}
