package dev.floe.quic.capture;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * Which secrets of one connection's handshake are known. Those of 1-RTT packets come last; the keys of later phases follow
 * from them (RFC 9001 §6.1). On the writer's thread.
 */
final class HandshakeSecrets {

    private static final int LONG_HEADER = 0xC0;

    private final Set<String> missing = new HashSet<>(Set.of("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"));
    private boolean isBegun;

    /** Whether with this datagram the handshake begins (RFC 9000 §17.2), whose secrets are not known yet. */
    boolean isBegunBy(ByteBuffer payload) {
        boolean isFirst = !isBegun
                && !missing.isEmpty()
                && payload.hasRemaining()
                && (payload.get(payload.position()) & LONG_HEADER) == LONG_HEADER;
        isBegun |= isFirst;
        return isFirst;
    }

    /** Takes in a line of the key log: a label, the client's random, a secret. */
    void learn(String line) {
        int end = line.indexOf(' ');
        missing.remove(end < 0 ? line : line.substring(0, end));
    }

    boolean areComplete() {
        return missing.isEmpty();
    }
}
