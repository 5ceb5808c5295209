package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Writes to a stream all that it takes while it is running. */
final class Pump extends ChannelInboundHandlerAdapter {

    private static final int CHUNK_BYTES = 64 * 1_024;
    private static final ByteBuf CHUNK =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES));

    private ChannelHandlerContext ctx;
    private boolean isRunning;

    /** Starts or stops; callable from any thread. */
    void run(boolean isRunning) {
        ctx.executor().execute(() -> {
            this.isRunning = isRunning;
            fill();
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        fill();
    }

    private void fill() {
        if (isRunning) {
            while (ctx.channel().isWritable()) {
                ctx.write(CHUNK.duplicate());
            }
            ctx.flush();
        }
    }
}
