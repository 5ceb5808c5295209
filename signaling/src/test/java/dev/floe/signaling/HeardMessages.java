package dev.floe.signaling;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Remembers what a client has heard. */
final class HeardMessages implements Consumer<SignalMessage> {

    private final List<SignalMessage> all = new CopyOnWriteArrayList<>();

    @Override
    public void accept(SignalMessage message) {
        all.add(message);
    }

    List<SignalMessage> all() {
        return all;
    }

    /** How often the client has joined or come back. */
    int welcomes() {
        return (int) all.stream().filter(SignalMessage.Joined.class::isInstance).count();
    }

    List<String> candidates() {
        return all.stream()
                .filter(SignalMessage.CandidateLine.class::isInstance)
                .map(message -> ((SignalMessage.CandidateLine) message).candidate())
                .toList();
    }
}
