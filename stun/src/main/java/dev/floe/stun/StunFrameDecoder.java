package dev.floe.stun;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts what comes over TCP or TLS into STUN messages (RFC 8489, section 6.2.2) and TURN's ChannelData (RFC 8656, section
 * 12.5), each a {@link ByteBuf} that whoever reads it releases; the padding of ChannelData is taken off. A frame has at
 * most 65,555 bytes, and no more than what has come is ever kept. A stream that holds anything else cannot be read on,
 * and its channel is closed.
 */
public final class StunFrameDecoder extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(StunFrameDecoder.class);

    private static final int CHANNEL_HEADER = 4;

    /** From which length on both kinds of frame can be told apart and measured. */
    private static final int MIN_HEADER = 4;

    private boolean isBroken;

    /** A decoder for one connection. */
    public StunFrameDecoder() {}

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (isBroken) {
            in.skipBytes(in.readableBytes());
        } else if (in.readableBytes() >= MIN_HEADER) {
            switch (in.getUnsignedByte(in.readerIndex()) >> 6) {
                case 0 -> decodeStun(ctx, in, out);
                case 1 -> decodeChannelData(in, out);
                default -> refuse(ctx, in);
            }
        }
    }

    private void decodeStun(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        int length = StunMessage.HEADER + in.getUnsignedShort(start + 2);
        boolean isCookieThere = in.readableBytes() >= 8;
        if ((length & 3) != 0 || (isCookieThere && in.getInt(start + 4) != StunMessage.COOKIE)) {
            refuse(ctx, in);
        } else if (in.readableBytes() >= length) {
            out.add(in.readRetainedSlice(length));
        }
    }

    private static void decodeChannelData(ByteBuf in, List<Object> out) {
        int length = CHANNEL_HEADER + in.getUnsignedShort(in.readerIndex() + 2);
        int padding = -length & 3;
        if (in.readableBytes() >= length + padding) {
            out.add(in.readRetainedSlice(length));
            in.skipBytes(padding);
        }
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf in) {
        isBroken = true;
        log.debug("closing {}: neither STUN nor ChannelData", ctx.channel());
        in.skipBytes(in.readableBytes());
        ctx.close();
    }
}
