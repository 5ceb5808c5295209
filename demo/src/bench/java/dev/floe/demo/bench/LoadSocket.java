package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A WebSocket that counts messages, answers pings and looks at nothing else. */
final class LoadSocket extends ByteToMessageDecoder {

    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int TEXT = 1;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int TWO_BYTES_OF_LENGTH = 126;
    private static final int MAX_LENGTH = 0xffff;

    private final String path;
    private final Promise<Void> opened;
    private ChannelHandlerContext ctx;
    private boolean isUpgraded;
    private ByteBuf beginning = Unpooled.EMPTY_BUFFER;
    private Runnable onMessage = () -> {};

    LoadSocket(EventLoop loop, String path) {
        this.path = path;
        opened = loop.newPromise();
    }

    /** Text frames with these messages, masked with zeros. */
    static ByteBuf frames(List<String> messages) {
        ByteBuf frames = Unpooled.directBuffer();
        for (String message : messages) {
            writeFrame(frames, TEXT, Unpooled.copiedBuffer(message, StandardCharsets.UTF_8));
        }
        return Unpooled.unreleasableBuffer(frames);
    }

    Future<Void> opened() {
        return opened;
    }

    boolean isOpen() {
        return ctx.channel().isActive();
    }

    /** Sends what {@link #frames} has made. */
    void send(ByteBuf frames) {
        ctx.writeAndFlush(frames.duplicate(), ctx.voidPromise());
    }

    /** Calls this on the event loop for each message from now on that starts so. */
    void onMessage(String start, Runnable action) {
        beginning = Unpooled.copiedBuffer(start, StandardCharsets.UTF_8);
        onMessage = action;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ctx = context;
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), request));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (isUpgraded) {
            readFrame(in);
            return;
        }
        int end = ByteBufUtil.indexOf(Unpooled.wrappedBuffer(END_OF_HEAD), in);
        if (end >= 0) {
            isUpgraded = in.toString(in.readerIndex(), end, StandardCharsets.US_ASCII)
                    .startsWith("HTTP/1.1 101");
            in.readerIndex(end + END_OF_HEAD.length);
            if (isUpgraded) {
                opened.trySuccess(null);
            } else {
                opened.tryFailure(new IOException("a client is refused"));
                ctx.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        opened.tryFailure(new IOException("a client is refused"));
    }

    private void readFrame(ByteBuf in) {
        if (in.readableBytes() < 2) {
            return;
        }
        int start = in.readerIndex();
        int opcode = in.getUnsignedByte(start) & 0x0f;
        int length = in.getUnsignedByte(start + 1);
        int head = 2;
        if (length == TWO_BYTES_OF_LENGTH) {
            head = 4;
            length = in.readableBytes() < head ? MAX_LENGTH : in.getUnsignedShort(start + 2);
        }
        if (in.readableBytes() < head + length) {
            return;
        }
        ByteBuf payload = in.skipBytes(head).readSlice(length);
        if (opcode == TEXT && length > beginning.capacity() && isStart(payload)) {
            onMessage.run();
        } else if (opcode == PING) {
            ByteBuf pong = ctx.alloc().buffer();
            writeFrame(pong, PONG, payload);
            ctx.writeAndFlush(pong);
        }
    }

    private boolean isStart(ByteBuf payload) {
        return ByteBufUtil.equals(payload, payload.readerIndex(), beginning, 0, beginning.capacity());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private static void writeFrame(ByteBuf out, int opcode, ByteBuf payload) {
        int length = payload.readableBytes();
        out.writeByte(FINAL | opcode);
        if (length < TWO_BYTES_OF_LENGTH) {
            out.writeByte(MASKED | length);
        } else {
            out.writeByte(MASKED | TWO_BYTES_OF_LENGTH).writeShort(length);
        }
        out.writeInt(0).writeBytes(payload);
    }
}
