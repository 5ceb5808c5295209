package dev.floe.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The sending end of a stream: sends random bytes at a rate, hears their SHA-256 and closes the connection. */
final class SendingHandler extends SimpleChannelInboundHandler<ByteBuf> {

    private static final int BLOCK = 8 << 10;
    private static final int TICK_MILLIS = 10;

    private final PeerSession session;
    private final PeerReport report;
    private final long rate;
    private final MessageDigest digest = ReceivingHandler.sha256();
    private final SplittableRandom random = new SplittableRandom();
    private final StringBuilder answer = new StringBuilder();

    private long total;
    private long sent;
    private long allowed;
    private boolean isPaused;
    private boolean isEnded;
    private ChannelHandlerContext ctx;
    private Future<?> ticks;

    /**
     * Makes a sender.
     *
     * @param total how many bytes to send, {@code Long.MAX_VALUE} for until told to end
     * @param rate bytes a second, {@code Long.MAX_VALUE} for as many as are taken
     */
    SendingHandler(PeerSession session, PeerReport report, long total, long rate) {
        this.session = session;
        this.report = report;
        this.total = total;
        this.rate = rate;
    }

    /** {@code tell}, {@code pause}, {@code resume} or {@code end}; on the event loop. */
    void order(String order) {
        switch (order) {
            case "tell" -> report.progress(sent, Duration.ZERO);
            case "pause" -> {
                isPaused = true;
                report.progress(sent, Duration.ZERO);
            }
            case "resume" -> isPaused = false;
            case "end" -> {
                total = sent;
                push();
            }
            default -> throw new IllegalArgumentException("tell, pause, resume or end, not " + order);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ticks = ctx.executor().scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        push();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf heard) {
        session.accepted();
        answer.append(heard.toString(US_ASCII));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            String hash = HexFormat.of().formatHex(digest.digest());
            if (answer.toString().equals(hash)) {
                report.transferred(sent, hash);
            } else {
                session.failed(new Failure("io", "the other side has heard something else, with SHA-256 " + answer));
            }
            ((QuicStreamChannel) ctx.channel()).parent().close(true, 0, Unpooled.copiedBuffer("done", US_ASCII));
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ticks.cancel(false);
    }

    private void tick() {
        if (!isPaused) {
            allowed = rate == Long.MAX_VALUE ? rate : allowed + rate * TICK_MILLIS / 1000;
            push();
        }
    }

    private void push() {
        while (sent < Math.min(total, allowed) && ctx.channel().isWritable()) {
            byte[] block = new byte[(int) Math.min(BLOCK, Math.min(total, allowed) - sent)];
            random.nextBytes(block);
            digest.update(block);
            sent += block.length;
            ctx.write(Unpooled.wrappedBuffer(block));
        }
        ctx.flush();
        if (sent == total && !isEnded) {
            isEnded = true;
            ctx.writeAndFlush(new DefaultQuicStreamFrame(Unpooled.EMPTY_BUFFER, true));
        }
    }
}
