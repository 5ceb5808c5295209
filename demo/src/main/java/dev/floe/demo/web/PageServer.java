package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Moment;
import dev.floe.demo.report.Output;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Serves the page and its events to browsers on this machine, on an event loop of its own: who looks on holds up nobody.
 * Safe for several threads.
 */
public final class PageServer implements Output {

    // A page that is open has one connection, or two; more are of no use, and each holds a copy of the events.
    private static final int MAX_CONNECTIONS = 32;
    private static final int MAX_REQUEST_BODY = 1024;
    private static final WriteBufferWaterMark MOST_UNSENT = new WriteBufferWaterMark(1 << 20, 8 << 20);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Page page = Page.load();
    private final History history = new History();
    private Channel channel;

    private PageServer() {}

    /**
     * Starts to listen on loopback; blocks until it does.
     *
     * @param port 0 for any
     * @throws IOException if the port is taken
     */
    public static PageServer start(int port) throws IOException {
        PageServer server = new PageServer();
        ChannelFuture bound = server.bootstrap()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            server.close();
            throw new IOException(
                    "no page at port " + port + ": " + bound.cause().getMessage(), bound.cause());
        }
        server.channel = bound.channel();
        return server;
    }

    /** Where it listens. */
    public Event.Listening listening() {
        InetSocketAddress address = (InetSocketAddress) channel.localAddress();
        return new Event.Listening("web", NetUtil.toAddressString(address.getAddress()), address.getPort());
    }

    @Override
    public synchronized void write(Event event, String peer, Moment moment) {
        history.add(event, peer, moment).ifPresent(this::tell);
    }

    /** Sends what has been told to those who listen, and ends. */
    @Override
    public void close() {
        listeners.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).awaitUninterruptibly(1, TimeUnit.SECONDS);
        // Before their event loop ends, which may forget one.
        if (channel != null) {
            channel.close().awaitUninterruptibly();
        }
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    Page page() {
        return page;
    }

    History history() {
        return history;
    }

    /** From now on the channel, which has sent its response's head, gets all events: those that were first. */
    synchronized void listen(Channel listener) {
        StringBuilder past = new StringBuilder("event: reset\ndata:\n\n");
        history.lines().forEach(line -> past.append(message(line)));
        listener.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer(past, UTF_8)));
        listeners.add(listener);
    }

    private void tell(String line) {
        // Who does not read is left behind; the browser connects anew and gets what the history still has.
        listeners.stream().filter(listener -> !listener.isWritable()).forEach(Channel::close);
        listeners.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer(message(line), UTF_8)));
    }

    /** A message of an event stream (HTML §9.2.5). */
    private static String message(String line) {
        return "data: " + line + "\n\n";
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, MOST_UNSENT)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        if (connections.size() >= MAX_CONNECTIONS) {
                            connection.close();
                            return;
                        }
                        connections.add(connection);
                        connection
                                .pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(MAX_REQUEST_BODY),
                                        new PageHandler(PageServer.this));
                    }
                });
    }
}
