package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.URI;

/**
 * One peer's connection to a signaling server. All methods may be called from any thread, none blocks, and their
 * futures complete on the connection's event loop. What goes wrong is a {@link SignalingException}.
 */
public final class SignalingClient implements AutoCloseable {

    private final ClientHandler handler;

    SignalingClient(ClientHandler handler) {
        this.handler = handler;
    }

    /** Joins a room with {@link SignalingClientConfig#DEFAULT}. */
    public static Future<SignalingClient> joinRoom(EventLoopGroup group, URI server, String room) {
        return joinRoom(group, server, room, SignalingClientConfig.DEFAULT);
    }

    /**
     * Joins a room.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://} with the JDK's trust; a path is kept as a prefix
     * @param room 1 to 128 letters, digits, {@code . _ ~ -}, the first a letter or a digit
     * @return fails with code {@code room-full}, {@code signaling-lost}, or another that the server gives
     * @throws IllegalArgumentException for a URI or a room's name that is none
     */
    public static Future<SignalingClient> joinRoom(
            EventLoopGroup group, URI server, String room, SignalingClientConfig config) {
        ServerUri address = new ServerUri(server);
        URI uri = address.room(new RoomName(room));
        return new ClientConnector(group.next(), address, uri, config).connect(new RoomClientHandler(address, config));
    }

    /** Joins the plain relay with {@link SignalingClientConfig#DEFAULT}. */
    public static Future<SignalingClient> joinRelay(EventLoopGroup group, URI server, RelayRole role) {
        return joinRelay(group, server, role, SignalingClientConfig.DEFAULT);
    }

    /**
     * Joins the plain relay, for peers that know no rooms.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://} with the JDK's trust; a path is the relay's
     * @return fails with code {@code signaling-lost}
     * @throws IllegalArgumentException for a URI that is none
     */
    public static Future<SignalingClient> joinRelay(
            EventLoopGroup group, URI server, RelayRole role, SignalingClientConfig config) {
        ServerUri address = new ServerUri(server);
        ClientHandler handler = new RelayClientHandler(address, config, role);
        return new ClientConnector(group.next(), address, address.relay(), config).connect(handler);
    }

    /**
     * Tells the other side this side's whole description, and completes with the other's, whenever it comes. Each
     * call is for one session; one who serves peer after peer calls again as soon as the last call has completed, so
     * that the next peer finds a fresh description. One call at a time.
     *
     * @return fails with code {@code bad-message} if the other's credentials, fingerprint or options are of no use,
     *     {@code signaling-lost} if the connection is lost first; cancelled by {@link #close}
     */
    public Future<IceDescription> exchange(IceDescription local) {
        return handler.exchange(local);
    }

    /**
     * Tells the other side this side's description at once and its candidates as they are found, and learns the other
     * side's in the same way. As {@link #exchange} otherwise; its future is the session's {@code remote()}. Over the
     * relay, which carries whole descriptions alone, nothing is told before the last candidate.
     *
     * @param theirs called on the connection's event loop
     */
    public TrickleExchange.Session trickle(IceDescription local, TrickleExchange.Candidates theirs) {
        return handler.trickle(local, theirs);
    }

    /**
     * Completes when the peer of the last completed exchange says bye or leaves the room. The relay tells of neither,
     * so over it this only ever fails with the connection.
     */
    public Future<Void> peerLeft() {
        return handler.peerLeft();
    }

    /** Completes when the connection is closed from here, and fails with {@code signaling-lost} if otherwise. */
    public Future<Void> closed() {
        return handler.closed();
    }

    /** How many messages and candidates have been dropped as malformed, unknown, or of no use here. */
    public long dropped() {
        return handler.dropped();
    }

    /** Says bye and closes the connection; does not wait. */
    @Override
    public void close() {
        handler.close();
    }
}
