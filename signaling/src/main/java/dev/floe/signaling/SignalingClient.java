package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.room.RoomName;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/**
 * One peer's stay at a signaling server. A connection that is lost is made again, and nothing is missed or heard twice
 * over it: for a while as long as the client looks for a peer ({@link SignalingClientConfig#reconnectTimeout}), and until
 * it is closed once it has found one, since peers that roam need to meet again. All methods may be called from any thread,
 * none blocks, and their futures complete on the connection's event loop. What goes wrong is a {@link SignalingException}.
 */
public final class SignalingClient implements AutoCloseable {

    private final ClientSession session;

    private SignalingClient(ClientSession session) {
        this.session = session;
    }

    /**
     * Joins a room with {@link SignalingClientConfig#DEFAULT}.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://}
     * @param room 1 to 128 letters, digits, {@code . _ ~ -}, the first a letter or a digit
     * @return as of the full form
     */
    public static Future<SignalingClient> joinRoom(EventLoopGroup group, URI server, String room) {
        return joinRoom(group, server, room, SignalingClientConfig.DEFAULT);
    }

    /**
     * Joins a room.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://} with the JDK's trust; a path is kept as a prefix
     * @param room 1 to 128 letters, digits, {@code . _ ~ -}, the first a letter or a digit
     * @param config limits and times
     * @return fails with code {@code room-full}, {@code signaling-lost}, or another that the server gives
     * @throws IllegalArgumentException for a URI or a room's name that is none
     */
    public static Future<SignalingClient> joinRoom(
            EventLoopGroup group, URI server, String room, SignalingClientConfig config) {
        return joinRoom(group, List.of(server), room, config, message -> {});
    }

    /**
     * Joins a room that several servers share, at the first one; when that is lost it goes on at the next.
     *
     * @param group event loops that drive NIO
     * @param servers one or more, each as above
     * @param room as above
     * @param config limits and times
     * @param listener hears each message, those of the server too, in order and once, on one event loop, which it must
     *     not block
     * @return as of the full form
     */
    public static Future<SignalingClient> joinRoom(
            EventLoopGroup group,
            List<URI> servers,
            String room,
            SignalingClientConfig config,
            Consumer<SignalMessage> listener) {
        List<ServerUri> addresses = servers.stream().map(ServerUri::new).toList();
        return join(new RoomClientSession(addresses, config, listener, group.next(), new RoomName(room)));
    }

    /**
     * Joins the plain relay with {@link SignalingClientConfig#DEFAULT}.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://}
     * @param role who speaks first
     * @return as of the full form
     */
    public static Future<SignalingClient> joinRelay(EventLoopGroup group, URI server, RelayRole role) {
        return joinRelay(group, server, role, SignalingClientConfig.DEFAULT);
    }

    /**
     * Joins the plain relay, for peers that know no rooms.
     *
     * @param group event loops that drive NIO
     * @param server {@code ws://HOST[:PORT]}, or {@code wss://} with the JDK's trust; a path is the relay's
     * @param role who speaks first
     * @param config limits and times
     * @return fails with code {@code signaling-lost}
     * @throws IllegalArgumentException for a URI that is none
     */
    public static Future<SignalingClient> joinRelay(
            EventLoopGroup group, URI server, RelayRole role, SignalingClientConfig config) {
        return joinRelay(group, server, role, config, message -> {});
    }

    /**
     * Joins the plain relay.
     *
     * @param group event loops that drive NIO
     * @param server as above
     * @param role who speaks first
     * @param config limits and times
     * @param listener hears of each description in a room's words: the description, its candidates, their end; on one
     *     event loop, which it must not block
     * @return as above
     */
    public static Future<SignalingClient> joinRelay(
            EventLoopGroup group,
            URI server,
            RelayRole role,
            SignalingClientConfig config,
            Consumer<SignalMessage> listener) {
        List<ServerUri> addresses = List.of(new ServerUri(server));
        return join(new RelayClientSession(addresses, config, listener, group.next(), role));
    }

    /**
     * Says one message to the others in the room, as {@link #exchange} and {@link #trickle} do for a session. It goes
     * out once, and later if there is no connection just now.
     *
     * @param message one of the five that peers say
     * @throws IllegalStateException over the relay, which carries whole descriptions alone
     */
    public void say(SignalMessage message) {
        session.say(message);
    }

    /**
     * Makes a new connection at once and goes on over it, whatever is tried or waited for just now: for one who knows that
     * the network has changed. May be called often; there are no more than a few connections a second.
     */
    public void reconnect() {
        session.reconnect();
    }

    /**
     * Tells the other side this side's whole description, and completes with the other's, whenever it comes. Each
     * call is for one session; one who serves peer after peer calls again as soon as the last call has completed, so
     * that the next peer finds a fresh description. One call at a time.
     *
     * @param local this side's description, with all of its candidates
     * @return fails with code {@code bad-message} if the other's credentials, fingerprint or options are of no use,
     *     {@code signaling-lost} if the connection is lost first; cancelled by {@link #close}
     */
    public Future<IceDescription> exchange(IceDescription local) {
        return session.exchange(local);
    }

    /**
     * Tells the other side this side's description at once and its candidates as they are found, and learns the other
     * side's in the same way. As {@link #exchange} otherwise; its future is the session's {@code remote()}. Over the
     * relay, which carries whole descriptions alone, nothing is told before the last candidate.
     *
     * <p>In a room the session goes on once both know each other, for as long as this client is open: candidates may be
     * added after their end, whatever has been said or lost meanwhile, and {@code theirs} may hear of more. How many it
     * hears of is bounded: 256 at once, 10 a second.
     *
     * @param local this side's description, with the candidates found so far
     * @param theirs called on the connection's event loop
     * @return the session, which takes the later candidates
     */
    public TrickleExchange.Session trickle(IceDescription local, TrickleExchange.Candidates theirs) {
        return session.trickle(local, theirs);
    }

    /**
     * As {@link #trickle(IceDescription, TrickleExchange.Candidates)} among those alone who know a password: a
     * password-authenticated key exchange (J-PAKE, RFC 8236) comes before the descriptions, and vouches for the whole of
     * both, the certificates' fingerprints among them. The server, and whoever else is in the room, learns nothing about
     * the password but whether one guess was right, and a wrong guess ends the session on both sides. Candidates are not
     * vouched for: they are but places to look at.
     *
     * <p>The session goes on looking for its peer while others come and go; each one that has the password counts. Its
     * {@code remote()} fails with code {@code wrong-code} if the other side's password is another one,
     * {@code fingerprint-mismatch} if its description was changed on the way, {@code bad-message} if it does not keep to
     * the exchange. After {@code wrong-code} the password is spent, and this client takes no further session with it.
     *
     * @param role one of the two peers has each
     * @param password may be short: a guess needs a run with one who knows it
     * @return an exchange for one connection
     * @throws IllegalArgumentException for an empty password
     * @throws IllegalStateException over the relay, which carries descriptions alone
     */
    public TrickleExchange trickle(PakeRole role, String password) {
        return session.trickle(role, password);
    }

    /**
     * Completes when the peer of the last completed exchange says bye or leaves the room. The relay tells of neither,
     * so over it this only ever fails with the connection.
     *
     * @return cancelled by {@link #close}
     */
    public Future<Void> peerLeft() {
        return session.peerLeft();
    }

    /**
     * {@return a future that completes when the connection is closed from here, and fails with {@code signaling-lost}
     * if otherwise}
     */
    public Future<Void> closed() {
        return session.closed();
    }

    /** {@return how many messages and candidates have been dropped as malformed, unknown, or of no use here} */
    public long dropped() {
        return session.dropped();
    }

    /** Says bye and closes the connection; does not wait. */
    @Override
    public void close() {
        session.close();
    }

    private static Future<SignalingClient> join(ClientSession session) {
        Promise<SignalingClient> result = session.loop().newPromise();
        session.joined().addListener(joined -> {
            if (!joined.isSuccess()) {
                result.tryFailure(joined.cause());
            } else if (!result.trySuccess(new SignalingClient(session))) {
                session.close();
            }
        });
        session.start();
        return result;
    }
}
