package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.Done;
import dev.floe.demo.transfer.Frame.End;
import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Failed;
import dev.floe.demo.transfer.Frame.Have;
import dev.floe.demo.transfer.Frame.Kind;
import dev.floe.demo.transfer.Frame.Offer;
import dev.floe.demo.transfer.Frame.Ready;
import dev.floe.demo.transfer.Frame.Received;
import dev.floe.demo.transfer.Frame.Start;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.CorruptedFrameException;

/**
 * Frames as bytes: a type in one byte, the length of what follows in four, and then the frame's fields in their order,
 * numbers big-endian, a text as UTF-8 behind its length in two bytes, a SHA-256 as it is.
 */
final class FrameCodec {

    /** Type and length. */
    static final int HEADER = 5;

    /** The most bytes in a frame that is not data. */
    static final int MAX_LENGTH = 8 << 10;

    static final byte DATA = 'd';

    private static final byte OFFER = 'o';
    private static final byte ENTRY = 'e';
    private static final byte HAVE = 'h';
    private static final byte READY = 'r';
    private static final byte START = 's';
    private static final byte END = 'f';
    private static final byte RECEIVED = 'p';
    private static final byte DONE = 'k';
    private static final byte FAILED = 'x';

    private static final byte VERSION = 1;
    private static final int IS_FOLDER = 1;
    private static final int IS_EXECUTABLE = 2;

    private FrameCodec() {}

    /** Writes a frame. Takes over what a {@link Data} frame holds; the caller releases the result. */
    static ByteBuf encode(Frame frame, ByteBufAllocator allocator) {
        if (frame instanceof Data data) {
            ByteBuf header = allocator.directBuffer(HEADER);
            header.writeByte(DATA).writeInt(data.content().readableBytes());
            return allocator.compositeBuffer(2).addComponents(true, header, data.content());
        }
        ByteBuf out = allocator.directBuffer().writeZero(HEADER);
        out.setByte(0, writeFields(frame, out)).setInt(1, out.readableBytes() - HEADER);
        return out;
    }

    /**
     * Reads a frame other than data.
     *
     * @param fields all after its length; not released
     * @throws CorruptedFrameException if it is none
     */
    static Frame decode(byte type, ByteBuf fields) {
        Frame frame;
        try {
            frame = read(type, fields);
        } catch (IndexOutOfBoundsException e) {
            throw new CorruptedFrameException("a frame of type " + type + " that ends too early", e);
        }
        if (fields.isReadable()) {
            throw new CorruptedFrameException("a frame of type " + type + " that goes on after its end");
        }
        return frame;
    }

    private static byte writeFields(Frame frame, ByteBuf out) {
        if (frame instanceof Offer offer) {
            out.writeByte(VERSION).writeByte(offer.kind().code());
            writeText(offer.name(), out);
            out.writeInt(offer.entries());
            return OFFER;
        } else if (frame instanceof Entry entry) {
            writeText(entry.path(), out);
            out.writeByte((entry.isFolder() ? IS_FOLDER : 0) | (entry.isExecutable() ? IS_EXECUTABLE : 0));
            out.writeLong(entry.size());
            return ENTRY;
        } else if (frame instanceof Have have) {
            out.writeInt(have.index())
                    .writeLong(have.size())
                    .writeBytes(have.sha256().bytes());
            return HAVE;
        } else if (frame instanceof Start start) {
            out.writeInt(start.index()).writeLong(start.from());
            return START;
        } else if (frame instanceof End end) {
            out.writeBytes(end.sha256().bytes());
            return END;
        } else if (frame instanceof Received received) {
            out.writeLong(received.bytes());
            return RECEIVED;
        } else if (frame instanceof Done done) {
            out.writeBytes(done.sha256().bytes());
            return DONE;
        } else if (frame instanceof Failed failed) {
            writeText(failed.error(), out);
            writeText(failed.message(), out);
            return FAILED;
        }
        return READY;
    }

    private static Frame read(byte type, ByteBuf in) {
        return switch (type) {
            case OFFER -> readOffer(in);
            case ENTRY -> readEntry(in);
            case HAVE -> new Have(readCount(in), readSize(in), Sha256.read(in));
            case READY -> new Ready();
            case START -> new Start(readCount(in), readSize(in));
            case END -> new End(Sha256.read(in));
            case RECEIVED -> new Received(readSize(in));
            case DONE -> new Done(Sha256.read(in));
            case FAILED -> new Failed(readText(in), readText(in));
            default -> throw new CorruptedFrameException("a frame of unknown type " + type);
        };
    }

    private static Offer readOffer(ByteBuf in) {
        byte version = in.readByte();
        if (version != VERSION) {
            throw new CorruptedFrameException("version " + version + " of the transfer, expected " + VERSION);
        }
        byte code = in.readByte();
        Kind kind = Kind.of(code).orElseThrow(() -> new CorruptedFrameException("an offer of unknown kind " + code));
        return new Offer(kind, readText(in), readCount(in));
    }

    private static Entry readEntry(ByteBuf in) {
        String path = readText(in);
        int flags = in.readByte();
        long size = in.readLong();
        boolean isFolder = (flags & IS_FOLDER) != 0;
        if (size < -1 || (isFolder && size != 0)) {
            throw new CorruptedFrameException("an entry of size " + size);
        }
        return new Entry(path, isFolder, (flags & IS_EXECUTABLE) != 0, size);
    }

    private static int readCount(ByteBuf in) {
        int count = in.readInt();
        if (count < 0) {
            throw new CorruptedFrameException("a count of " + count);
        }
        return count;
    }

    private static long readSize(ByteBuf in) {
        long size = in.readLong();
        if (size < 0) {
            throw new CorruptedFrameException("a size of " + size);
        }
        return size;
    }

    private static void writeText(String text, ByteBuf out) {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeShort(bytes.length).writeBytes(bytes);
    }

    private static String readText(ByteBuf in) {
        return in.readCharSequence(in.readUnsignedShort(), UTF_8).toString();
    }
}
