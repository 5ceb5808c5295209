package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.Failed;
import dev.floe.demo.transfer.Frame.Received;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * The handler of a transfer's stream, and that stream's frames for a thread that may block. Bounded both ways: one who reads
 * too slowly makes the other side wait, and {@link #write} waits for it. Needs no end of the stream: the last word of each
 * side is a frame, and only who has read it closes the connection.
 */
public final class FrameStream extends ChannelInboundHandlerAdapter {

    private static final int MAX_UNREAD = 1 << 20;
    private static final int MAX_UNSENT = 1 << 20;

    // What a frame costs beyond its bytes, so that tiny ones are bounded too.
    private static final int OVERHEAD = 64;

    private final Runnable heard;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private LongConsumer received = bytes -> {};
    private ChannelHandlerContext context;
    private int unread;
    private int unsent;
    private boolean isPaused;
    private boolean isUnflushed;
    private boolean isLost;
    private IOException failure;

    /** @param heard is run on the event loop whenever something comes */
    public FrameStream(Runnable heard) {
        this.heard = heard;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addBefore(ctx.name(), null, new FrameDecoder());
        synchronized (this) {
            context = ctx;
            notifyAll();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        heard.run();
        Frame frame = (Frame) message;
        if (frame instanceof Failed failed) {
            fail(TransferException.of(failed));
        } else if (frame instanceof Received progress) {
            listener().accept(progress.bytes());
        } else {
            add(frame);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            lost();
        } else {
            fail(TransferException.nonsense(String.valueOf(cause.getMessage()), cause));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost();
        ctx.fireChannelInactive();
    }

    /** The connection has ended; what has come before can be read. Any thread. */
    public synchronized void lost() {
        isLost = true;
        notifyAll();
    }

    /** Ends it for whoever reads or writes, with this; only the first one counts. Any thread. */
    public synchronized void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
            releaseAll();
            notifyAll();
        }
    }

    /** Says why this side gives up, unless the other side knows; does not wait. */
    public void tell(TransferException why) {
        ChannelHandlerContext to = context();
        if (to != null) {
            why.told().ifPresent(failed -> to.writeAndFlush(FrameCodec.encode(failed, to.alloc())));
        }
    }

    /** Nobody reads it any more. */
    public void close() {
        fail(new ConnectionLostException());
    }

    /** Has what the other side says it has received told, on the event loop. */
    synchronized void onReceived(LongConsumer listener) {
        received = listener;
    }

    synchronized ByteBufAllocator allocator() throws IOException, InterruptedException {
        awaitContext();
        return context.alloc();
    }

    /** Waits for the next frame, of which the caller releases what it holds. */
    synchronized Frame read() throws IOException, InterruptedException {
        flush();
        while (frames.isEmpty()) {
            check();
            wait();
        }
        Frame frame = frames.remove();
        unread -= size(frame);
        if (isPaused && unread < MAX_UNREAD / 2) {
            isPaused = false;
            autoRead(true);
        }
        return frame;
    }

    /** Waits for the next frame, which must be of a type. */
    <F extends Frame> F read(Class<F> type) throws IOException, InterruptedException {
        Frame frame = read();
        if (!type.isInstance(frame)) {
            throw unexpected(frame);
        }
        return type.cast(frame);
    }

    /** The other side has said this where it makes no sense; what the frame holds is released. */
    static TransferException unexpected(Frame frame) {
        if (frame instanceof Data data) {
            data.content().release();
        }
        return TransferException.nonsense("no place for " + frame.getClass().getSimpleName(), null);
    }

    /** Says this when there is room for it, and takes over what the frame holds; it may go out with later ones. */
    synchronized void write(Frame frame) throws IOException, InterruptedException {
        ByteBuf bytes = null;
        try {
            awaitContext();
            while (unsent > MAX_UNSENT) {
                flush();
                check();
                wait();
            }
            check();
            bytes = FrameCodec.encode(frame, context.alloc());
        } finally {
            if (bytes == null && frame instanceof Data data) {
                data.content().release();
            }
        }
        int count = bytes.readableBytes();
        unsent += count;
        isUnflushed = true;
        context.write(bytes).addListener(done -> sent(count));
        if (frame instanceof Data) {
            flush();
        }
    }

    /** Has what was written go out now. */
    synchronized void flush() {
        if (isUnflushed) {
            isUnflushed = false;
            context.flush();
        }
    }

    /** Throws what has ended this stream, if it has ended. */
    synchronized void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (isLost && frames.isEmpty()) {
            throw new ConnectionLostException();
        }
    }

    private synchronized void add(Frame frame) {
        frames.add(frame);
        unread += size(frame);
        if (failure != null) {
            releaseAll();
        } else if (!isPaused && unread > MAX_UNREAD) {
            isPaused = true;
            autoRead(false);
        }
        notifyAll();
    }

    private synchronized void sent(int count) {
        unsent -= count;
        notifyAll();
    }

    private synchronized LongConsumer listener() {
        return received;
    }

    private synchronized ChannelHandlerContext context() {
        return context;
    }

    private void awaitContext() throws IOException, InterruptedException {
        while (context == null) {
            check();
            wait();
        }
    }

    private void autoRead(boolean isOn) {
        ChannelHandlerContext ctx = context;
        ctx.executor().execute(() -> ctx.channel().config().setAutoRead(isOn));
    }

    private void releaseAll() {
        for (Frame frame : frames) {
            if (frame instanceof Data data) {
                data.content().release();
            }
        }
        frames.clear();
        unread = 0;
    }

    private static int size(Frame frame) {
        return OVERHEAD + (frame instanceof Data data ? data.content().readableBytes() : 0);
    }
}
