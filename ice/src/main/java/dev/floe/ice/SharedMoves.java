package dev.floe.ice;

import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Moves of the network that several sessions see, each for itself at nearly the same time: tells of each once, by address
 * family. What a session sees again within that time is another move, of which it tells when the time is over. On the
 * event loop.
 *
 * @param <S> a session
 */
final class SharedMoves<S> {

    static final long WINDOW_MILLIS = 500;

    private final Consumer<Set<Class<? extends InetAddress>>> listener;
    /** By family that has moved within the time: who is still to see that. */
    private final Map<Class<? extends InetAddress>, Set<S>> expected = new HashMap<>();

    private final Set<Class<? extends InetAddress>> again = new HashSet<>();

    SharedMoves(Consumer<Set<Class<? extends InetAddress>>> listener) {
        this.listener = listener;
    }

    /** The session sees that these families have moved; all of the sessions are about to. */
    void seen(S session, Set<Class<? extends InetAddress>> families, Set<S> sessions, EventExecutor executor) {
        Set<Class<? extends InetAddress>> first = new HashSet<>();
        for (Class<? extends InetAddress> family : families) {
            Set<S> others = expected.get(family);
            if (others == null) {
                first.add(family);
                others = new HashSet<>(sessions);
                others.remove(session);
                expected.put(family, others);
                executor.schedule(() -> end(family), WINDOW_MILLIS, TimeUnit.MILLISECONDS);
            } else if (!others.remove(session)) {
                again.add(family);
            }
        }
        if (!first.isEmpty()) {
            listener.accept(first);
        }
    }

    private void end(Class<? extends InetAddress> family) {
        expected.remove(family);
        if (again.remove(family)) {
            listener.accept(Set.of(family));
        }
    }
}
