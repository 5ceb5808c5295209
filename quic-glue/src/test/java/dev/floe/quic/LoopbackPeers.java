package dev.floe.quic;

import dev.floe.ice.IceDescription;
import dev.floe.testing.NioLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Two peers of one process with signaling between them: Alice offers and echoes, Bob answers and asks. */
final class LoopbackPeers implements AutoCloseable {

    static final PeerIdentity ALICE = PeerIdentity.generate();
    static final PeerIdentity BOB = PeerIdentity.generate();
    static final PeerIdentity MALLORY = PeerIdentity.generate();

    /** Stands behind a peer's ICE handler. */
    static final class Observer extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Channel> channel = new CompletableFuture<>();
        final CompletableFuture<SwapEvent> swap = new CompletableFuture<>();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            channel.complete(ctx.channel());
            ctx.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SwapEvent swapped) {
                swap.complete(swapped);
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    final Observer alicesObserver = new Observer();
    final Observer bobsObserver = new Observer();
    final InMemoryExchange signaling = new InMemoryExchange();
    final PeerConfig.Builder alice;
    final PeerConfig.Builder bob;

    private final EventLoopGroup loops = NioLoops.create(2);

    LoopbackPeers() {
        alice = PeerConfig.builder(loops, ALICE).streamHandler(Echo::new).observer(alicesObserver);
        bob = PeerConfig.builder(loops, BOB).observer(bobsObserver);
    }

    /** What signaling makes of Alice's description. */
    void alterOffer(UnaryOperator<IceDescription> alteration) {
        alter(ALICE, alteration);
    }

    /** What signaling makes of Bob's description. */
    void alterAnswer(UnaryOperator<IceDescription> alteration) {
        alter(BOB, alteration);
    }

    Future<QuicChannel> offer() {
        return PeerConnection.offer(alice.build(), signaling::offer);
    }

    Future<QuicChannel> answer() {
        return PeerConnection.answer(bob.build(), signaling::answer);
    }

    /** Sends a text over a new stream and returns what comes back first. */
    static String ask(QuicChannel connection, String text) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        QuicStreamChannel stream = connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                        answer.complete(content.toString(StandardCharsets.UTF_8));
                    }

                    @Override
                    public void channelInactive(ChannelHandlerContext ctx) {
                        answer.completeExceptionally(new IllegalStateException("closed before the answer came"));
                    }
                })
                .get(10, TimeUnit.SECONDS);
        stream.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        return answer.get(10, TimeUnit.SECONDS);
    }

    /** The first event of a kind on the connection, from the moment on which it stands. */
    static <E> CompletableFuture<E> next(Future<QuicChannel> connected, Class<E> kind) {
        CompletableFuture<E> first = new CompletableFuture<>();
        ChannelHandler listener = new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (kind.isInstance(event)) {
                    first.complete(kind.cast(event));
                }
                ctx.fireUserEventTriggered(event);
            }
        };
        connected.addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                done.getNow().pipeline().addLast(listener);
            } else {
                first.completeExceptionally(done.cause());
            }
        });
        return first;
    }

    static String reason(QuicConnectionCloseEvent close) {
        return new String(close.reason(), StandardCharsets.UTF_8);
    }

    /** Whether, once all that a close has set off is done, a timer of the channel's event loop is still armed. */
    static boolean hasTimer(Channel channel) throws Exception {
        return NioLoops.hasTimer(channel.eventLoop());
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void alter(PeerIdentity whose, UnaryOperator<IceDescription> alteration) {
        signaling.altering(description ->
                description.fingerprint().equals(whose.fingerprint()) ? alteration.apply(description) : description);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
