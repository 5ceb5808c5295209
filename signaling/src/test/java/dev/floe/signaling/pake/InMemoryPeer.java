package dev.floe.signaling.pake;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalingException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** One side of a handshake without a client: what it says lies there until somebody takes it, and nothing runs by itself. */
final class InMemoryPeer implements PakeHandshake.Outside {

    static final String ROOM = "floe-42";
    static final String WORDS = "cedar-ruler-planet";

    /** Messages and descriptions that have not been taken yet. */
    final Queue<Object> said = new ArrayDeque<>();

    final List<Description> accepted = new ArrayList<>();
    final PakeHandshake handshake;
    final Description own;
    boolean isComplete;
    SignalingException failure;

    InMemoryPeer(PakeRole role) {
        this(role, WORDS, new PakeGuesses());
    }

    InMemoryPeer(PakeRole role, String words, PakeGuesses guesses) {
        handshake = PakeHandshake.of(new PakeSecret(role, words, ROOM), guesses, this);
        own = new Description(
                role.name(), "an-ice-password-0123456789", "0123456789abcdef".repeat(4), List.of("one", "two"));
    }

    /** Hears what somebody says. */
    void hear(Object message) {
        if (isWanted() && message instanceof PakeMessage pake) {
            handshake.hear(pake);
        } else if (isWanted() && message instanceof Description description) {
            handshake.hear(description);
        }
    }

    /** What it says next. */
    <T> T next(Class<T> type) {
        return type.cast(said.remove());
    }

    /** Lets two talk until neither has more to say. */
    static void talk(InMemoryPeer a, InMemoryPeer b) {
        while (!a.said.isEmpty() || !b.said.isEmpty()) {
            if (!a.said.isEmpty()) {
                b.hear(a.said.remove());
            } else {
                a.hear(b.said.remove());
            }
        }
    }

    /** The code that it has failed with, or what it does instead. */
    String outcome() {
        return failure == null ? isComplete ? "complete" : "waiting" : failure.code();
    }

    @Override
    public void say(PakeMessage message) {
        said.add(message);
    }

    @Override
    public void describe(PakeKey key) {
        said.add(key.sign(own));
    }

    @Override
    public void accept(Description genuine) {
        accepted.add(genuine);
    }

    @Override
    public void complete() {
        isComplete = true;
    }

    @Override
    public void fail(SignalingException cause) {
        failure = cause;
    }

    @Override
    public boolean isWanted() {
        return !isComplete && failure == null;
    }

    @Override
    public void aside(Runnable arithmetic) {
        arithmetic.run();
    }

    @Override
    public void inLoop(Runnable task) {
        task.run();
    }
}
