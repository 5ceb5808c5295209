package dev.floe.signaling.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Pings a WebSocket that is silent (RFC 6455 §5.5.2), and closes it when it stays so. It counts whole frames: one that
 * dribbles in byte by byte is silence.
 */
public final class KeepAliveHandler extends IdleStateHandler {

    private final Duration pingInterval;
    private final Duration idleTimeout;
    private int silentIntervals;

    public KeepAliveHandler(Duration pingInterval, Duration idleTimeout) {
        super(pingInterval.toNanos(), 0, 0, TimeUnit.NANOSECONDS);
        this.pingInterval = pingInterval;
        this.idleTimeout = idleTimeout;
    }

    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
        silentIntervals = event.isFirst() ? 1 : silentIntervals + 1;
        if (pingInterval.multipliedBy(silentIntervals).compareTo(idleTimeout) >= 0) {
            ctx.fireExceptionCaught(ReadTimeoutException.INSTANCE);
            ctx.close();
        } else {
            ctx.channel().writeAndFlush(new PingWebSocketFrame());
        }
    }
}
