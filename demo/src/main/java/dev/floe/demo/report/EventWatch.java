package dev.floe.demo.report;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Looks on, and says when a kind of event has come for the first time, from whichever peer. Safe for several threads. */
public final class EventWatch implements Output {

    private final Map<Class<? extends Event>, CompletableFuture<Void>> firsts = new ConcurrentHashMap<>();

    /** Completes with the first event of a kind, which may have come already. */
    public CompletableFuture<Void> first(Class<? extends Event> kind) {
        return firsts.computeIfAbsent(kind, event -> new CompletableFuture<>());
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        first(event.getClass()).complete(null);
    }
}
