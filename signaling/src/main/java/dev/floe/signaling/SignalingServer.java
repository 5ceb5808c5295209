package dev.floe.signaling;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;

/**
 * A WebSocket server that brings peers together: rooms of two at {@code /v1/rooms/ROOM}, and a plain relay at {@code /}
 * that tells every client what any other says. It looks at messages only as far as keeping order needs.
 */
public final class SignalingServer implements AutoCloseable {

    private static final int MAX_REQUEST_LINE = 2048;
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_REQUEST_BODY = 1024;

    // A client that lets this many messages of the greatest length pile up is not reading.
    private static final int MAX_UNREAD_MESSAGES = 8;

    private final Channel channel;
    private final Future<Void> closed;

    private SignalingServer(Channel channel, Future<Void> closed) {
        this.channel = channel;
        this.closed = closed;
    }

    /**
     * Starts a server on the caller's event loops, which must drive NIO and outlive it.
     *
     * @return fails with a {@link SignalingException} of code {@code io} if it cannot listen at the address
     */
    public static Future<SignalingServer> start(EventLoopGroup group, SignalingServerConfig config) {
        EventLoop loop = group.next();
        ChannelGroup clients = new DefaultChannelGroup("signaling-clients", loop, true);
        Promise<SignalingServer> started = loop.newPromise();
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(config))
                .childHandler(new ClientInitializer(config, clients, loop))
                .bind(config.address());
        bound.addListener(done -> {
            if (done.isSuccess()) {
                started.setSuccess(new SignalingServer(bound.channel(), closed(bound.channel(), clients, loop)));
            } else {
                started.setFailure(cannotListen(config, done.cause()));
            }
        });
        return started;
    }

    /** Where it listens, with the port that the system chose if none was asked for. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Stops listening and closes all clients' connections; does not wait. */
    @Override
    public void close() {
        channel.close();
    }

    /** Completes when the server and all its connections are closed. */
    public Future<Void> closed() {
        return closed;
    }

    private static Future<Void> closed(Channel server, ChannelGroup clients, EventLoop loop) {
        Promise<Void> closed = loop.newPromise();
        server.closeFuture().addListener(done -> clients.close().addListener(allClosed -> closed.setSuccess(null)));
        return closed;
    }

    private static WriteBufferWaterMark waterMark(SignalingServerConfig config) {
        int high = (int) Math.min(Integer.MAX_VALUE, (long) MAX_UNREAD_MESSAGES * config.maxMessageBytes());
        return new WriteBufferWaterMark(high / 2, high);
    }

    private static SignalingException cannotListen(SignalingServerConfig config, Throwable cause) {
        String message = "cannot listen on " + config.address().getHostString() + " port "
                + config.address().getPort() + ": " + cause.getMessage();
        return new SignalingException(SignalingException.IO, message, cause);
    }

    private static final class ClientInitializer extends ChannelInitializer<Channel> {

        private final SignalingServerConfig config;
        private final ChannelGroup clients;
        private final ChannelGroup relay;
        private final RoomStore rooms;

        ClientInitializer(SignalingServerConfig config, ChannelGroup clients, EventLoop loop) {
            this.config = config;
            this.clients = clients;
            relay = new DefaultChannelGroup("signaling-relay", loop);
            rooms = new RoomStore(config);
        }

        @Override
        protected void initChannel(Channel client) {
            // A client too many is told so; where they come too fast even for that, it is just closed.
            if (clients.size() >= 2L * config.maxClients()) {
                client.close();
                return;
            }
            clients.add(client);
            client.pipeline()
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(MAX_REQUEST_LINE)
                            .setMaxHeaderSize(MAX_HEADERS)))
                    .addLast(new HttpObjectAggregator(MAX_REQUEST_BODY))
                    .addLast(new UpgradeHandler(config, clients, relay, rooms));
        }
    }
}
