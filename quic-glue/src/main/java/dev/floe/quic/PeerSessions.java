package dev.floe.quic;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The TLS sessions of a process with the peers that it has been connected to (RFC 8446 §2.2). A connection whose
 * {@link PeerConfig.Builder#sessions} it is given to resumes the last one with the same peer, in the same role, if that
 * peer remembers it too: then neither side signs anything, and data may be sent early. Otherwise the handshake is a full
 * one, and nothing is lost.
 *
 * <p>A peer is known by its certificate's fingerprint, which a resumed session's certificate is compared with again; where
 * none is expected, nothing is resumed. A session is resumed once, within five minutes, and each connection leaves a new
 * one. Sessions are kept in memory only.
 *
 * <p>Safe for several threads.
 */
public final class PeerSessions {

    private final Map<Peer, TlsContext> contexts;
    private long resumed;

    /**
     * Remembers nobody yet.
     *
     * @param maxPeers how many peers are remembered at most; the one remembered for longest goes first
     * @throws IllegalArgumentException if it is not positive
     */
    public PeerSessions(int maxPeers) {
        if (maxPeers < 1) {
            throw new IllegalArgumentException("sessions with " + maxPeers + " peers, expected at least 1");
        }
        contexts = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Peer, TlsContext> eldest) {
                return size() > maxPeers;
            }
        };
    }

    /** {@return how many connections have resumed a session} */
    public synchronized long resumed() {
        return resumed;
    }

    /** Forgets everybody. Connections that there are go on. */
    public synchronized void clear() {
        contexts.clear();
    }

    /**
     * The other side, and what of this one a session depends on.
     *
     * @param role this side's
     * @param identity this side's fingerprint
     * @param fingerprint the other side's
     */
    record Peer(
            QuicRole role, String identity, String fingerprint, String alpn, boolean isEarlyData, boolean isLogged) {}

    /** Takes a peer's context out, so that no other connection can resume the same session. */
    synchronized Optional<TlsContext> take(Peer peer) {
        return Optional.ofNullable(contexts.remove(peer));
    }

    /** Keeps the context of a connection that has been made, for the next one. */
    synchronized void put(Peer peer, TlsContext context, boolean isResumed) {
        if (isResumed) {
            resumed++;
        }
        contexts.remove(peer);
        contexts.put(peer, context);
    }
}
