package dev.floe.signaling;

import dev.floe.signaling.wire.SignalJson;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a client's WebSocket: looks the host up, tries its addresses in turn, and has one deadline for it all. Addresses
 * that have been of use are tried again without looking, since in a new network the names may take their time. Runs on
 * one event loop; what blocks (names, the JDK's trust store) on a thread of its own.
 */
final class ClientConnector {

    private static final Logger log = LoggerFactory.getLogger(ClientConnector.class);
    private static final int MAX_RESPONSE = 8192;
    private static final int LOOK_UP_SECONDS = 1;

    private final EventLoop loop;
    private final SignalingClientConfig config;
    private final Map<ServerUri, Target> known = new HashMap<>();
    private final Set<ServerUri> trusted = new HashSet<>();

    ClientConnector(EventLoop loop, SignalingClientConfig config) {
        this.loop = loop;
        this.config = config;
    }

    void connect(ClientConnection connection, URI uri) {
        ServerUri server = connection.server();
        connection.expectWithin(loop.schedule(
                () -> connection.fail(ConnectionFailures.tooSlow(server, config)),
                config.joinTimeout().toMillis(),
                TimeUnit.MILLISECONDS));
        target(server).addListener((Future<Target> target) -> {
            if (!target.isSuccess()) {
                connection.fail(ConnectionFailures.of(server, target.cause()));
            } else if (!connection.isOver()) {
                known.put(server, target.getNow());
                trusted.add(server);
                tryNext(target.getNow().addresses().iterator(), target.getNow().tls(), connection, uri);
            }
        });
    }

    /** The server may be somewhere else by now. */
    void doubt(ServerUri server) {
        trusted.remove(server);
    }

    /** Where it was last, if that has not been doubted, or if nobody knows better within a second. */
    private Future<Target> target(ServerUri server) {
        Target last = known.get(server);
        if (trusted.contains(server)) {
            return loop.newSucceededFuture(last);
        }
        Promise<Target> target = loop.newPromise();
        lookUp(server, last, target);
        if (last != null) {
            loop.schedule(() -> target.trySuccess(last), LOOK_UP_SECONDS, TimeUnit.SECONDS);
        }
        return target;
    }

    private void lookUp(ServerUri server, Target last, Promise<Target> target) {
        Thread thread = new Thread(
                () -> {
                    try {
                        Target found = new Target(
                                List.of(InetAddress.getAllByName(server.host())),
                                last == null ? trust(server) : last.tls());
                        inLoop(() -> target.trySuccess(found));
                    } catch (IOException e) {
                        inLoop(() -> fallBack(last, e, target));
                    }
                },
                "signaling-lookup");
        thread.setDaemon(true);
        thread.start();
    }

    private static void fallBack(Target last, IOException failure, Promise<Target> target) {
        if (last == null) {
            target.tryFailure(failure);
        } else {
            target.trySuccess(last);
        }
    }

    private void inLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("nobody waits for the signaling server's address any more");
        }
    }

    private void tryNext(Iterator<InetAddress> addresses, SslContext tls, ClientConnection connection, URI uri) {
        InetSocketAddress address =
                new InetSocketAddress(addresses.next(), connection.server().port());
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        config.joinTimeout().toMillis())
                .handler(new ChannelInboundHandlerAdapter() {
                    // Not sooner: a handler is for one pipeline, and this attempt may fail.
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        initialize(ctx.channel(), tls, connection, uri);
                        ctx.fireChannelActive();
                        ctx.pipeline().remove(this);
                    }
                })
                .connect(address);
        connection.connecting(connected.channel());
        connected.addListener(done -> {
            if (!done.isSuccess() && addresses.hasNext() && !connection.isOver()) {
                tryNext(addresses, tls, connection, uri);
            } else if (!done.isSuccess()) {
                connection.fail(ConnectionFailures.of(connection.server(), done.cause()));
            }
        });
    }

    private void initialize(Channel channel, SslContext tls, ClientConnection connection, URI uri) {
        // What a peer may just say is longer when it comes, by the server's number.
        int maxMessage = config.maxMessageBytes() + SignalJson.MAX_NUMBER_CHARACTERS;
        if (tls != null) {
            channel.pipeline()
                    .addLast(tls.newHandler(
                            channel.alloc(),
                            connection.server().host(),
                            connection.server().port()));
        }
        channel.pipeline()
                .addLast(new HttpClientCodec())
                .addLast(new HttpObjectAggregator(MAX_RESPONSE))
                .addLast(new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                        .webSocketUri(uri)
                        .maxFramePayloadLength(maxMessage)
                        .handleCloseFrames(false)
                        .generateOriginHeader(false)
                        .sendCloseFrame(null)
                        .handshakeTimeoutMillis(config.joinTimeout().toMillis())
                        .build()))
                .addLast(new WebSocketFrameAggregator(maxMessage))
                .addLast(connection);
    }

    private static SslContext trust(ServerUri server) throws IOException {
        return server.isSecure()
                ? SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .endpointIdentificationAlgorithm("HTTPS")
                        .build()
                : null;
    }

    /** @param tls null for {@code ws} */
    private record Target(List<InetAddress> addresses, SslContext tls) {}
}
