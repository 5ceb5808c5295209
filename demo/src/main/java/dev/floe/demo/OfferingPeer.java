package dev.floe.demo;

import dev.floe.demo.report.PeerReport;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerPort;
import dev.floe.quic.QuicRole;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.function.BiFunction;

/** The offering side of one connection: controls ICE, is the QUIC server, echoes every stream. */
final class OfferingPeer {

    private OfferingPeer() {}

    /** At a port of its own. */
    static PeerSession start(
            PeerConfig.Builder config, TrickleExchange exchange, PeerReport report, EventExecutor executor) {
        return start(PeerConnection::offer, config, exchange, report, executor);
    }

    /** At a port that other peers are met at too. */
    static PeerSession startAt(
            PeerPort port,
            PeerConfig.Builder config,
            TrickleExchange exchange,
            PeerReport report,
            EventExecutor executor) {
        return start(port::offer, config, exchange, report, executor);
    }

    private static PeerSession start(
            BiFunction<PeerConfig, TrickleExchange, Future<QuicChannel>> offer,
            PeerConfig.Builder config,
            TrickleExchange exchange,
            PeerReport report,
            EventExecutor executor) {
        PeerSession session = new PeerSession(QuicRole.SERVER, report, executor);
        EchoOnce once = new EchoOnce(report);
        config.streamHandler(() -> new EchoHandler(session, report, once));
        return session.follow(offer.apply(config.build(), session.reported(exchange)), connection -> {});
    }

    /** Tells of the first stream alone. */
    private static final class EchoOnce {
        private final PeerReport report;
        private boolean isTold;

        EchoOnce(PeerReport report) {
            this.report = report;
        }

        void told(long bytes) {
            if (!isTold) {
                isTold = true;
                report.echo(bytes);
            }
        }
    }

    /** Says back what it hears, no faster than it is taken, and ends the stream when the other side does. */
    private static final class EchoHandler extends ChannelInboundHandlerAdapter {
        private final PeerSession session;
        private final PeerReport report;
        private final EchoOnce once;
        private long bytes;

        EchoHandler(PeerSession session, PeerReport report, EchoOnce once) {
            this.session = session;
            this.report = report;
            this.once = once;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            session.accepted();
            int count = ((ByteBuf) message).readableBytes();
            bytes += count;
            report.received(count);
            ctx.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
            ctx.fireChannelWritabilityChanged();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                session.accepted();
                once.told(bytes);
                // In a turn of its own, so that it is sent at once: quiche drops a FIN that waits for the end of a read
                // if an acknowledgement of all data before it is among what is read.
                ctx.executor().execute(((QuicStreamChannel) ctx.channel())::shutdownOutput);
            }
            ctx.fireUserEventTriggered(event);
        }
    }
}
