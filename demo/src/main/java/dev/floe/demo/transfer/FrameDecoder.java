package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Data;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/** Makes frames of a stream's bytes; data goes on in pieces, as it comes. After nonsense there are no more. */
final class FrameDecoder extends ByteToMessageDecoder {

    /** What a data frame still lacks. */
    private int dataLeft;

    private boolean isBroken;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (isBroken) {
            in.skipBytes(in.readableBytes());
        } else if (dataLeft > 0) {
            ByteBuf piece = in.readRetainedSlice(Math.min(dataLeft, in.readableBytes()));
            dataLeft -= piece.readableBytes();
            out.add(new Data(piece));
        } else if (in.readableBytes() >= FrameCodec.HEADER) {
            isBroken = true;
            decodeHeader(in, out);
            isBroken = false;
        }
    }

    private void decodeHeader(ByteBuf in, List<Object> out) {
        byte type = in.getByte(in.readerIndex());
        int length = in.getInt(in.readerIndex() + 1);
        if (length < 0 || (type != FrameCodec.DATA && length > FrameCodec.MAX_LENGTH)) {
            throw new CorruptedFrameException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        if (type == FrameCodec.DATA) {
            in.skipBytes(FrameCodec.HEADER);
            dataLeft = length;
        } else if (in.readableBytes() >= FrameCodec.HEADER + length) {
            in.skipBytes(FrameCodec.HEADER);
            out.add(FrameCodec.decode(type, in.readSlice(length)));
        }
    }
}
