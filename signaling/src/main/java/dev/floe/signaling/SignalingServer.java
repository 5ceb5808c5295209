package dev.floe.signaling;

import dev.floe.signaling.server.ConnectionInitializer;
import dev.floe.signaling.server.SignalingNode;
import dev.floe.signaling.server.TlsCertificate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;

/**
 * A WebSocket server that brings peers together: rooms at {@code /v1/rooms/ROOM}, and a plain relay at {@code /} that
 * tells every client what any other says. A browser finds a page at {@code /}, those who watch over the server
 * {@code /healthz} and, for Prometheus, {@code /metrics}. It looks at messages only as far as keeping order needs.
 */
public final class SignalingServer implements AutoCloseable {

    // A client that lets this many messages of the greatest length pile up is not reading.
    private static final int MAX_UNREAD_MESSAGES = 8;

    private static final int MAX_BACKLOG = 1024;

    private final Channel channel;
    private final Future<Void> closed;

    private SignalingServer(Channel channel, Future<Void> closed) {
        this.channel = channel;
        this.closed = closed;
    }

    /**
     * Starts a server on the caller's event loops, which must drive NIO and outlive it. Reads the certificate on the
     * calling thread.
     *
     * @param group event loops that drive NIO
     * @param config where to listen, and what to allow
     * @return fails with a {@link SignalingException} of code {@code io} if it cannot listen at the address, or its
     *     certificate is of no use, or there is no Redis where it should be
     */
    public static Future<SignalingServer> start(EventLoopGroup group, SignalingServerConfig config) {
        EventLoop loop = group.next();
        Promise<SignalingServer> started = loop.newPromise();
        try {
            TlsCertificate tls = config.tls() == null ? null : TlsCertificate.load(config.tls());
            SignalingNode.start(config, loop).whenComplete((node, failure) -> {
                if (failure == null) {
                    bind(group, config, node, tls, started);
                } else {
                    closeIfAny(tls);
                    started.setFailure(failure instanceof CompletionException ? failure.getCause() : failure);
                }
            });
        } catch (IOException e) {
            started.setFailure(new SignalingException(SignalingException.IO, e.getMessage(), e));
        }
        return started;
    }

    /** {@return where it listens, with the port that the system chose if none was asked for} */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /**
     * Stops listening, tells all clients that it goes (close code 1001) and closes their connections; does not wait.
     * Where rooms live on many nodes, the clients can go on at another.
     */
    @Override
    public void close() {
        channel.close();
    }

    /** {@return a future that completes when the server and all its connections are closed} */
    public Future<Void> closed() {
        return closed;
    }

    private static void bind(
            EventLoopGroup group,
            SignalingServerConfig config,
            SignalingNode node,
            TlsCertificate tls,
            Promise<SignalingServer> started) {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, MAX_BACKLOG)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(config))
                .childHandler(new ConnectionInitializer(node, tls))
                .bind(config.address());
        bound.addListener(done -> {
            Future<Void> closed = closed(bound.channel(), node, tls);
            if (done.isSuccess()) {
                started.setSuccess(new SignalingServer(bound.channel(), closed));
            } else {
                // Not before all is over: the caller may end the event loops then.
                closed.addListener(over -> started.setFailure(cannotListen(config, done.cause())));
            }
        });
    }

    private static Future<Void> closed(Channel server, SignalingNode node, TlsCertificate tls) {
        Promise<Void> closed = server.eventLoop().newPromise();
        server.closeFuture().addListener(done -> {
            closeIfAny(tls);
            node.clients()
                    .close()
                    .addListener(allClosed -> node.close().whenComplete((nothing, failure) -> closed.setSuccess(null)));
        });
        return closed;
    }

    private static void closeIfAny(TlsCertificate tls) {
        if (tls != null) {
            tls.close();
        }
    }

    private static WriteBufferWaterMark waterMark(SignalingServerConfig config) {
        int high = (int) Math.min(
                Integer.MAX_VALUE,
                (long) MAX_UNREAD_MESSAGES * config.connections().maxMessageBytes());
        return new WriteBufferWaterMark(high / 2, high);
    }

    private static SignalingException cannotListen(SignalingServerConfig config, Throwable cause) {
        String message = "cannot listen on " + config.address().getHostString() + " port "
                + config.address().getPort() + ": " + cause.getMessage();
        return new SignalingException(SignalingException.IO, message, cause);
    }
}
