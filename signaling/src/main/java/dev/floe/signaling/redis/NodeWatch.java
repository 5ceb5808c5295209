package dev.floe.signaling.redis;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Which other nodes are dead: those that were missing each time one looked, for a while. After Redis has come back
 * without its data all are missing for a moment.
 */
final class NodeWatch {

    private static final int LOOKS = 3;

    private final Map<String, Integer> missing = new HashMap<>();

    void seen(String node, boolean isAlive) {
        if (isAlive) {
            missing.remove(node);
        } else {
            missing.merge(node, 1, Integer::sum);
        }
    }

    boolean isAlive(String node) {
        return missing.getOrDefault(node, 0) < LOOKS;
    }

    /** Forgets all but those that are still spoken of. */
    void retain(Collection<String> nodes) {
        missing.keySet().retainAll(nodes);
    }
}
