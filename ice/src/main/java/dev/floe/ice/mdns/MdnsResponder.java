package dev.floe.ice.mdns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** This side's names. They are random, so that nobody else is asked whether they are free (RFC 6762 §8.1). */
final class MdnsResponder {

    /** A machine has no more addresses than that to hide. */
    static final int MAX_NAMES = 64;

    // RFC 6762 §6: a record is not to be multicast again within a second.
    private static final long MIN_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final Map<String, InetAddress> names = new HashMap<>();
    private final Map<String, Long> answeredNanos = new HashMap<>();

    /** Whether there was room for the name. */
    boolean add(String name, InetAddress address) {
        return names.size() < MAX_NAMES && names.putIfAbsent(name.toLowerCase(Locale.ROOT), address) == null;
    }

    boolean owns(String name) {
        return names.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /** The address that answers a question. */
    Optional<InetAddress> addressFor(MdnsMessage.Question question) {
        return Optional.ofNullable(names.get(question.name())).filter(question::isFor);
    }

    /** The address that answers a question, unless everybody has just heard it; counts as answered. */
    Optional<InetAddress> answerDue(MdnsMessage.Question question, long nowNanos) {
        Optional<InetAddress> address = addressFor(question);
        Long last = answeredNanos.get(question.name());
        if (address.isEmpty() || (last != null && nowNanos - last < MIN_INTERVAL_NANOS)) {
            return Optional.empty();
        }
        answeredNanos.put(question.name(), nowNanos);
        return address;
    }

    /** Forgets all names, and says which they were. */
    Map<String, InetAddress> removeAll() {
        Map<String, InetAddress> all = Map.copyOf(names);
        names.clear();
        return all;
    }
}
