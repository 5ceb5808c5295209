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
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a client's WebSocket: looks the host up, tries its addresses in turn, and has one deadline for it all. Runs on
 * one event loop; what blocks (names, the JDK's trust store) on a thread of its own.
 */
final class ClientConnector {

    private static final Logger log = LoggerFactory.getLogger(ClientConnector.class);
    private static final int MAX_RESPONSE = 8192;

    private final EventLoop loop;
    private final SignalingClientConfig config;

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
        lookUp(server).addListener((Future<Target> target) -> {
            if (target.isSuccess()) {
                tryNext(target.getNow().addresses().iterator(), target.getNow().tls(), connection, uri);
            } else {
                connection.fail(ConnectionFailures.of(server, target.cause()));
            }
        });
    }

    private Future<Target> lookUp(ServerUri server) {
        Promise<Target> target = loop.newPromise();
        Thread thread = new Thread(
                () -> {
                    try {
                        Target found = new Target(
                                List.of(InetAddress.getAllByName(server.host())),
                                server.isSecure() ? jdkTrust() : null);
                        inLoop(() -> target.setSuccess(found));
                    } catch (IOException e) {
                        inLoop(() -> target.setFailure(e));
                    }
                },
                "signaling-lookup");
        thread.setDaemon(true);
        thread.start();
        return target;
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

    private static SslContext jdkTrust() throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
    }

    /** @param tls null for {@code ws} */
    private record Target(List<InetAddress> addresses, SslContext tls) {}
}
