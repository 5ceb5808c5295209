package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's end of a WebSocket: what rooms and the relay have in common, which is the life of the connection and of
 * an exchange. Confined to the connection's event loop but for the methods that say otherwise.
 */
abstract class ClientHandler extends SimpleChannelInboundHandler<WebSocketFrame> {

    private static final Logger log = LoggerFactory.getLogger(ClientHandler.class);

    private final ServerUri server;
    private final SignalingClientConfig config;
    private final LongAdder dropped = new LongAdder();
    private EventLoop loop;
    private Channel channel;
    private Promise<Void> joined;
    private Promise<Void> closed;
    private volatile Promise<Void> peerLeft;
    private boolean hasPeer;
    private ClientExchange exchange;
    private Runnable waiting;
    private SignalingException end;

    ClientHandler(ServerUri server, SignalingClientConfig config) {
        this.server = server;
        this.config = config;
    }

    /** The WebSocket is open. */
    abstract void opened();

    /** Something was said. */
    abstract void heard(String text);

    /** An exchange begins. */
    abstract void begin(ClientExchange exchange);

    /** Begins an exchange that trickles; any thread. */
    abstract TrickleExchange.Session trickle(IceDescription local, TrickleExchange.Candidates theirs);

    /** The connection is about to be closed from here. */
    abstract void sayBye();

    final void start(EventLoop eventLoop) {
        loop = eventLoop;
        joined = loop.newPromise();
        closed = loop.newPromise();
        peerLeft = loop.newPromise();
    }

    /** This is the channel that it is on, or that it tries to get on. */
    final void connecting(Channel attempt) {
        channel = attempt;
        if (end != null) {
            attempt.close();
        }
    }

    /** Any thread. */
    final Future<Void> joined() {
        return joined;
    }

    /** Any thread. */
    final Future<Void> closed() {
        return closed;
    }

    /** Any thread. */
    final Future<Void> peerLeft() {
        return peerLeft;
    }

    /** Any thread. */
    final long dropped() {
        return dropped.sum();
    }

    /** Any thread. */
    final Future<IceDescription> exchange(IceDescription local) {
        return start(new ClientExchange(local, loop.newPromise(), null));
    }

    /** Any thread. */
    final Future<IceDescription> start(ClientExchange next) {
        loop.execute(() -> startInLoop(next));
        return next.remote();
    }

    /** Any thread. */
    final void close() {
        loop.execute(() -> {
            if (end == null) {
                end = ConnectionFailures.closedHere(server);
                sayBye();
                peerLeft.cancel(false);
                if (exchange != null) {
                    exchange.remote().cancel(false);
                }
                channel.close().addListener(done -> closed.trySuccess(null));
            }
        });
    }

    /** Gives the connection up. */
    final void fail(SignalingException cause) {
        if (end == null) {
            end = cause;
            joined.tryFailure(cause);
            peerLeft.tryFailure(cause);
            closed.tryFailure(cause);
            if (exchange != null) {
                exchange.remote().tryFailure(cause);
            }
            if (channel != null) {
                channel.close();
            }
        }
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
            ctx.pipeline()
                    .addBefore(
                            ctx.pipeline()
                                    .context(WebSocketClientProtocolHandler.class)
                                    .name(),
                            null,
                            new KeepAliveHandler(config.pingInterval(), config.idleTimeout()));
            opened();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    protected final void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        if (frame instanceof CloseWebSocketFrame close) {
            fail(ConnectionFailures.closed(server, ": " + close.statusCode() + " " + close.reasonText()));
        } else {
            heard(frame.content().toString(StandardCharsets.UTF_8));
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        fail(ConnectionFailures.closed(server, ""));
        ctx.fireChannelInactive();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ConnectionFailures.of(server, cause));
    }

    final EventLoop loop() {
        return loop;
    }

    final void say(String text) {
        channel.writeAndFlush(new TextWebSocketFrame(text));
    }

    /** The connection is of use from now on. */
    final void join() {
        joined.trySuccess(null);
    }

    final void drop(String what) {
        dropped.increment();
        log.debug("dropped from signaling server {}: {}", server, what);
    }

    final boolean isExchanging() {
        return exchange != null && !exchange.remote().isDone();
    }

    /** The exchange that was begun last. */
    final ClientExchange exchange() {
        return exchange;
    }

    /** Does what needs an exchange under way: now, or when one begins; then only the latest such thing is done. */
    final void whenExchanging(Runnable action) {
        if (isExchanging()) {
            action.run();
        } else {
            waiting = action;
        }
    }

    final void complete(IceDescription remote) {
        hasPeer = true;
        if (peerLeft.isDone()) {
            peerLeft = loop.newPromise();
        }
        exchange.remote().trySuccess(remote);
    }

    final void failExchange(SignalingException cause) {
        exchange.remote().tryFailure(cause);
    }

    /** The other side has gone, and with it what it said. */
    final void peerGone() {
        waiting = null;
        if (hasPeer) {
            hasPeer = false;
            peerLeft.trySuccess(null);
        }
    }

    private void startInLoop(ClientExchange next) {
        if (end != null) {
            next.remote().tryFailure(end);
        } else if (isExchanging()) {
            next.remote().tryFailure(new IllegalStateException("an exchange is under way already"));
        } else {
            Runnable action = waiting;
            waiting = null;
            exchange = next;
            begin(next);
            if (action != null) {
                whenExchanging(action);
            }
        }
    }
}
