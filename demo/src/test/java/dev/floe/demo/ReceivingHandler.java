package dev.floe.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.floe.demo.report.PeerReport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The receiving end of a stream: counts and hashes what comes, and says the SHA-256 at the end. */
final class ReceivingHandler extends SimpleChannelInboundHandler<ByteBuf> {

    private static final int TICK_MILLIS = 50;

    private final PeerSession session;
    private final PeerReport report;
    private final MessageDigest digest = sha256();

    private long bytes;
    private long told;
    private long lastNanos;
    private long longestNanos;
    private Future<?> ticks;

    ReceivingHandler(PeerSession session, PeerReport report) {
        this.session = session;
        this.report = report;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ticks = ctx.executor().scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
        session.accepted();
        long now = System.nanoTime();
        if (bytes > 0) {
            longestNanos = Math.max(longestNanos, now - lastNanos);
        }
        lastNanos = now;
        bytes += content.readableBytes();
        digest.update(content.nioBuffer());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            tick();
            String hash = HexFormat.of().formatHex(digest.digest());
            report.transferred(bytes, hash);
            // In a turn of its own, as OfferingPeer says.
            ctx.executor()
                    .execute(() ->
                            ctx.writeAndFlush(new DefaultQuicStreamFrame(Unpooled.copiedBuffer(hash, US_ASCII), true)));
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ticks.cancel(false);
    }

    private void tick() {
        if (bytes > told) {
            told = bytes;
            report.progress(bytes, Duration.ofNanos(longestNanos));
        }
    }
}
