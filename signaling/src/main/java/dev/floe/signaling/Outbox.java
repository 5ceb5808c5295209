package dev.floe.signaling;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What this side has said lately, numbered from 1: after a lost connection the server tells how much of it has come,
 * and the rest is said again. What is too old to be said again is forgotten, but for the last description.
 */
final class Outbox {

    // More than a server keeps of one peer.
    private static final int MAX_MESSAGES = 512;

    private final Deque<String> said = new ArrayDeque<>();
    private String beginning;
    private long forgotten;
    private long beforeBeginning;

    /** @param isBeginning whether it takes back all that was said before it: a description, or a farewell */
    void add(String json, boolean isBeginning) {
        if (isBeginning) {
            beginning = json;
            beforeBeginning = forgotten + said.size();
        }
        said.add(json);
        if (said.size() > MAX_MESSAGES) {
            said.remove();
            forgotten++;
        }
    }

    /**
     * What is to be said to a server that has heard so much, and from now on counts on: the rest, or, if that is not
     * known any more, all that still counts.
     */
    List<String> after(long received) {
        if (received < forgotten || received > forgotten + said.size()) {
            restart(received);
        }
        return said.stream().skip(received - forgotten).toList();
    }

    /** Forgets all before the last description, and counts on from what a server has heard. */
    void restart(long received) {
        while (forgotten < beforeBeginning && !said.isEmpty()) {
            said.remove();
            forgotten++;
        }
        if (forgotten > beforeBeginning) {
            said.addFirst(beginning);
        }
        forgotten = received;
        beforeBeginning = received;
    }
}
