package dev.floe.demo;

import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.QuicRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The answering side of one connection: is the QUIC client, says one thing and checks its echo. */
final class AnsweringPeer {

    private AnsweringPeer() {}

    /** What comes after the echo, on the event loop. */
    @FunctionalInterface
    interface Sequel {
        void begin(QuicChannel connection, PeerSession session);
    }

    static PeerSession start(
            PeerConfig.Builder config,
            TrickleExchange exchange,
            PeerReport report,
            EventExecutor executor,
            String message,
            Sequel sequel) {
        PeerSession session = new PeerSession(QuicRole.CLIENT, report, executor);
        return session.follow(
                PeerConnection.answer(config.build(), session.reported(exchange)),
                connection -> say(connection, message, session, report, sequel));
    }

    /** The sequel of one who has nothing more to say. */
    static void close(QuicChannel connection, PeerSession session) {
        connection.close(true, 0, Unpooled.copiedBuffer("done", StandardCharsets.UTF_8));
    }

    private static void say(
            QuicChannel connection, String message, PeerSession session, PeerReport report, Sequel sequel) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new EchoCheck(bytes, session, report, sequel))
                .addListener(created -> {
                    if (created.isSuccess()) {
                        ((QuicStreamChannel) created.getNow())
                                .writeAndFlush(new DefaultQuicStreamFrame(Unpooled.wrappedBuffer(bytes), true));
                    } else {
                        session.failed(Failure.of(created.cause()));
                        connection.close();
                    }
                });
    }

    private static final class EchoCheck extends SimpleChannelInboundHandler<ByteBuf> {
        private final byte[] expected;
        private final PeerSession session;
        private final PeerReport report;
        private final Sequel sequel;
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

        EchoCheck(byte[] expected, PeerSession session, PeerReport report, Sequel sequel) {
            this.expected = expected;
            this.session = session;
            this.report = report;
            this.sequel = sequel;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) throws IOException {
            report.received(content.readableBytes());
            content.readBytes(heard, content.readableBytes());
            if (heard.size() >= expected.length) {
                end(ctx);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                end(ctx);
            }
            ctx.fireUserEventTriggered(event);
        }

        private void end(ChannelHandlerContext ctx) {
            ctx.pipeline().remove(this);
            session.accepted();
            report.echo(heard.size());
            QuicChannel connection = ((QuicStreamChannel) ctx.channel()).parent();
            if (Arrays.equals(heard.toByteArray(), expected)) {
                sequel.begin(connection, session);
            } else {
                session.failed(new Failure("io", "the echo is not what was said"));
                close(connection, session);
            }
        }
    }
}
