package dev.floe.signaling;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What this side has said lately, numbered from 1: after a lost connection the server tells how much of it has come,
 * and the rest is said again.
 */
final class Outbox {

    // More than a server keeps of one peer.
    private static final int MAX_MESSAGES = 512;

    private final Deque<String> said = new ArrayDeque<>();
    private long forgotten;
    private long beforeDescription;

    void add(String json, boolean isDescription) {
        if (isDescription) {
            beforeDescription = forgotten + said.size();
        }
        said.add(json);
        if (said.size() > MAX_MESSAGES) {
            said.remove();
            forgotten++;
        }
    }

    /** Whether it knows what comes after the first so many messages. */
    boolean reaches(long received) {
        return received >= forgotten && received <= forgotten + said.size();
    }

    List<String> after(long received) {
        return said.stream().skip(received - forgotten).toList();
    }

    /** Forgets all before the last description, and counts from 1 again. */
    void restart() {
        while (forgotten < beforeDescription) {
            said.remove();
            forgotten++;
        }
        forgotten = 0;
        beforeDescription = 0;
    }
}
