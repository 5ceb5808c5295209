package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connection ids to which clients send their handshakes (RFC 9000 §7.2), which their connections keep: each is its first
 * user's, so that no peer's datagram gets into the connection of another that it has watched, and one peer has few, so that
 * it begins no more connections than that.
 */
final class FirstConnectionIds {

    /** How many one peer may use: a client makes one up, and is given one in its place, and has one connection. */
    static final int MAX_OF_PEER = 8;

    private final Map<ByteBuffer, PeerChannel> owners = new HashMap<>();
    private final Map<PeerChannel, List<ByteBuffer>> idsOf = new HashMap<>();

    /** Whether the id is the peer's, or nobody's until now. */
    boolean isOf(PeerChannel peer, ByteBuf id) {
        ByteBuffer key = ByteBuffer.wrap(ByteBufUtil.getBytes(id));
        PeerChannel owner = owners.get(key);
        if (owner != null) {
            return owner.equals(peer);
        }
        List<ByteBuffer> ids = idsOf.computeIfAbsent(peer, any -> new ArrayList<>(1));
        if (ids.size() == MAX_OF_PEER) {
            return false;
        }
        ids.add(key);
        owners.put(key, peer);
        return true;
    }

    void forget(PeerChannel peer) {
        List<ByteBuffer> ids = idsOf.remove(peer);
        if (ids != null) {
            ids.forEach(owners::remove);
        }
    }

    int size() {
        return owners.size();
    }
}
