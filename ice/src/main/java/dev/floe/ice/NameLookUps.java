package dev.floe.ice;

import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks up the other side's names: each once, since a name stands for one address for as long as its session
 * (draft-ietf-mmusic-mdns-ice-candidates §3.1), and again if it was not found.
 */
final class NameLookUps {

    /** How often the other side can make this one speak to all of the local network. */
    static final int MAX = 64;

    private final Map<String, Future<InetAddress>> last = new HashMap<>();
    private int made;

    /** The address of a name, looked for by {@code resolver} if need be; empty if that was done too often. */
    Optional<Future<InetAddress>> of(String name, Function<String, Future<InetAddress>> resolver) {
        String key = name.toLowerCase(Locale.ROOT);
        Future<InetAddress> known = last.get(key);
        boolean hasFailed = known != null && known.isDone() && !known.isSuccess();
        if (known != null && !hasFailed) {
            return Optional.of(known);
        }
        if (made == MAX) {
            return Optional.empty();
        }
        made++;
        Future<InetAddress> begun = resolver.apply(name);
        last.put(key, begun);
        return Optional.of(begun);
    }
}
