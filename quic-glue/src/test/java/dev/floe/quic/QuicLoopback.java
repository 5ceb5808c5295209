package dev.floe.quic;

import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A QUIC client and a QUIC server, each on a socket of its own on the loopback interface. */
final class QuicLoopback implements AutoCloseable {

    /** What one side's QUIC channel has seen. */
    static final class Side extends ChannelInboundHandlerAdapter {
        final CompletableFuture<QuicChannel> active = new CompletableFuture<>();
        final CompletableFuture<QuicConnectionCloseEvent> closedByPeer = new CompletableFuture<>();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            active.complete((QuicChannel) ctx.channel());
            ctx.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicConnectionCloseEvent close) {
                closedByPeer.complete(close);
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            active.completeExceptionally(cause);
            // Closed at once, from within the failing send, the channel would not tell the peer.
            ctx.channel().eventLoop().execute(ctx::close);
        }
    }

    final Side client = new Side();
    final Side server = new Side();

    private final EventLoopGroup group = NioLoops.create(1);
    private final Channel clientSocket;
    private final Channel serverSocket;

    QuicLoopback(QuicSslContext clientContext, QuicSslContext serverContext) throws Exception {
        QuicServerCodecBuilder serverCodec =
                new QuicServerCodecBuilder().handler(server).streamHandler(new Echo());
        clientSocket = bind(codec(new QuicClientCodecBuilder(), clientContext));
        serverSocket = bind(codec(serverCodec, serverContext));
    }

    Future<QuicChannel> connect() {
        return QuicChannel.newBootstrap(clientSocket)
                .handler(client)
                .remoteAddress(serverSocket.localAddress())
                .connect();
    }

    /** From now on the client gets only those datagrams that pass. */
    void filterToClient(Predicate<ByteBuf> passes) {
        clientSocket.pipeline().addFirst(new Filter(passes));
    }

    /** From now on the server gets only those datagrams that pass. */
    void filterToServer(Predicate<ByteBuf> passes) {
        serverSocket.pipeline().addFirst(new Filter(passes));
    }

    /** Sends a text over a new stream and returns what comes back. */
    String echo(QuicChannel channel, String text) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        QuicStreamChannel stream = channel.createStream(QuicStreamType.BIDIRECTIONAL, new Collector(answer))
                .get(10, TimeUnit.SECONDS);
        stream.writeAndFlush(Unpooled.copiedBuffer(text, CharsetUtil.UTF_8))
                .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        return answer.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        clientSocket.close().syncUninterruptibly();
        serverSocket.close().syncUninterruptibly();
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Channel bind(ChannelHandler codec) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    private static ChannelHandler codec(QuicCodecBuilder<?> builder, QuicSslContext context) {
        return builder.sslContext(context)
                .sslTaskExecutor(QuicTls.TASKS)
                .initialMaxData(1 << 20)
                .initialMaxStreamDataBidirectionalLocal(1 << 16)
                .initialMaxStreamDataBidirectionalRemote(1 << 16)
                .initialMaxStreamsBidirectional(1)
                .build();
    }

    private static final class Echo extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            stream.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ctx.writeAndFlush(message).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
                }
            });
        }
    }

    private static final class Collector extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<String> answer;

        Collector(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf buffer = (ByteBuf) message;
            answer.complete(buffer.toString(CharsetUtil.UTF_8));
            buffer.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new IllegalStateException("stream closed without an answer"));
        }
    }

    private static final class Filter extends ChannelInboundHandlerAdapter {
        private final Predicate<ByteBuf> passes;

        Filter(Predicate<ByteBuf> passes) {
            this.passes = passes;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            if (passes.test(packet.content())) {
                ctx.fireChannelRead(packet);
            } else {
                packet.release();
            }
        }
    }
}
