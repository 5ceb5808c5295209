package dev.floe.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A stream that is always in use: the next number goes over every 20 ms, and each has to come back in its turn. So every
 * silence is noticed, and whatever is lost or comes twice. With the end of the talk the connection is closed.
 */
final class Talk {

    private static final int INTERVAL_MILLIS = 20;

    /** How many numbers come between two events that tell of them. */
    private static final int TOLD_EVERY = 10;

    private final PeerReport report;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    Talk(PeerReport report) {
        this.report = report;
    }

    /** Begins on a stream of its own; on the event loop. */
    void begin(QuicChannel connection, PeerSession session) {
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new FixedLengthFrameDecoder(Long.BYTES), new Numbers(session));
                    }
                })
                .addListener(created -> {
                    if (!created.isSuccess()) {
                        session.failed(Failure.of(created.cause()));
                        connection.close();
                    }
                });
    }

    /** Says no more, and closes the connection once all has come back; any thread, at any time. */
    void end() {
        end.complete(null);
    }

    private final class Numbers extends SimpleChannelInboundHandler<ByteBuf> {
        private final PeerSession session;

        private long said;
        private long heard;
        private Future<?> ticks;

        Numbers(PeerSession session) {
            this.session = session;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ticks = ctx.executor().scheduleAtFixedRate(() -> say(ctx), 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
            end.thenRun(() -> ctx.executor().execute(() -> finish(ctx)));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf number) {
            report.received(number.readableBytes());
            if (number.readLong() != heard++) {
                session.failed(new Failure("io", "what comes back is not what was said"));
            }
            if (heard % TOLD_EVERY == 0) {
                report.progress();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                if (heard < said) {
                    session.failed(new Failure("io", "not all that was said has come back"));
                }
                report.progress();
                QuicChannel connection = ((QuicStreamChannel) ctx.channel()).parent();
                connection.close(true, 0, Unpooled.copiedBuffer("done", US_ASCII));
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ticks.cancel(false);
            ctx.fireChannelInactive();
        }

        private void say(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                ctx.writeAndFlush(ctx.alloc().buffer(Long.BYTES).writeLong(said++));
            }
        }

        private void finish(ChannelHandlerContext ctx) {
            ticks.cancel(false);
            ctx.writeAndFlush(new DefaultQuicStreamFrame(Unpooled.EMPTY_BUFFER, true));
        }
    }
}
