package dev.floe.quic;

import dev.floe.stun.TransactionId;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Whose STUN request a response answers, by transaction id. An answer takes nothing away, since it may be a forged one
 * before the true one; a request is forgotten when nobody waits for its answer any more. So there are no more of them than
 * this side has sent within that time.
 */
final class OpenRequests {

    /** RFC 8489 §6.2.1 gives up after 39.5 s, with the default RTO. */
    private static final long LIFETIME_NANOS = Duration.ofSeconds(40).toNanos();

    private record Request(PeerChannel peer, long sentNanos) {}

    private final LongSupplier nanoTime;
    private final Map<TransactionId, Request> oldestFirst = new LinkedHashMap<>();

    OpenRequests(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The peer's agent sends a request, perhaps not for the first time. */
    void sent(PeerChannel peer, TransactionId id) {
        long now = nanoTime.getAsLong();
        oldestFirst.putIfAbsent(id, new Request(peer, now));
        Iterator<Request> requests = oldestFirst.values().iterator();
        while (requests.hasNext() && now - requests.next().sentNanos >= LIFETIME_NANOS) {
            requests.remove();
        }
    }

    /** Whose it is; null if nobody waits for it. */
    PeerChannel find(TransactionId id) {
        Request request = oldestFirst.get(id);
        return request == null ? null : request.peer;
    }

    /** Nobody waits for the peer's answers any more. */
    void forget(PeerChannel peer) {
        oldestFirst.values().removeIf(request -> request.peer.equals(peer));
    }

    int size() {
        return oldestFirst.size();
    }
}
