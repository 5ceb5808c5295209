package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.CorruptedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The bytes of {@link ControlFrame}s. Frames of an unknown type are skipped; one that is malformed, too long, or more than
 * the peer may say in so short a time is a {@link CorruptedFrameException}, and nothing is read after it.
 */
final class ControlFrameCodec extends ByteToMessageCodec<ControlFrame> {

    static final int MAX_PAYLOAD = 4_096;
    static final int BURST_BYTES = 64 * 1_024;
    static final int BYTES_PER_SECOND = 1_024;

    private static final int VERSION = 1;
    private static final int HEADER_LENGTH = 4;
    private static final int MAX_TEXT = Candidate.MAX_LENGTH;

    private static final int CREDENTIALS = 1;
    private static final int CANDIDATE = 2;
    private static final int END_OF_CANDIDATES = 3;
    private static final int DESCRIPTION = 4;

    private final Allowance bytes;
    private boolean isCorrupted;

    /** @param nanoTime as {@link System#nanoTime} */
    ControlFrameCodec(LongSupplier nanoTime) {
        bytes = new Allowance(BURST_BYTES, BYTES_PER_SECOND, nanoTime);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (isCorrupted) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            readFrame(in).ifPresent(out::add);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            isCorrupted = true;
            throw new CorruptedFrameException(e.getMessage(), e);
        }
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ControlFrame frame, ByteBuf out) {
        out.writeByte(VERSION).writeByte(type(frame)).writeShort(0);
        if (frame instanceof ControlFrame.Credentials fresh) {
            writeCredentials(out, fresh.credentials());
        } else if (frame instanceof ControlFrame.CandidateLine line) {
            writeText(out, line.usernameFragment());
            writeText(out, line.candidate().toSdp());
        } else if (frame instanceof ControlFrame.EndOfCandidates end) {
            writeText(out, end.usernameFragment());
        } else if (frame instanceof ControlFrame.Description description) {
            writeCredentials(out, description.credentials());
            out.writeByte(description.options().size());
            description.options().forEach(option -> writeText(out, option));
        }
        int length = out.readableBytes() - HEADER_LENGTH;
        require(length <= MAX_PAYLOAD, "payload", length);
        out.setShort(out.readerIndex() + 2, length);
    }

    private Optional<ControlFrame> readFrame(ByteBuf in) {
        if (in.readableBytes() < HEADER_LENGTH) {
            return Optional.empty();
        }
        int version = in.getUnsignedByte(in.readerIndex());
        require(version == VERSION, "version", version);
        int type = in.getUnsignedByte(in.readerIndex() + 1);
        int length = in.getUnsignedShort(in.readerIndex() + 2);
        require(length <= MAX_PAYLOAD, "payload", length);
        if (in.readableBytes() < HEADER_LENGTH + length) {
            return Optional.empty();
        }
        if (!bytes.takes(HEADER_LENGTH + length)) {
            throw new IllegalArgumentException("more frames than a peer has a use for");
        }
        ByteBuf payload = in.skipBytes(HEADER_LENGTH).readSlice(length);
        return readPayload(type, payload);
    }

    private static Optional<ControlFrame> readPayload(int type, ByteBuf payload) {
        Optional<ControlFrame> frame = switch (type) {
            case CREDENTIALS -> Optional.of(new ControlFrame.Credentials(readCredentials(payload)));
            case CANDIDATE -> readCandidate(payload);
            case END_OF_CANDIDATES -> Optional.of(new ControlFrame.EndOfCandidates(readText(payload)));
            case DESCRIPTION ->
                Optional.of(new ControlFrame.Description(readCredentials(payload), readOptions(payload)));
            default -> {
                payload.skipBytes(payload.readableBytes());
                yield Optional.empty();
            }
        };
        require(!payload.isReadable(), "bytes behind the payload", payload.readableBytes());
        return frame;
    }

    /** Empty for a candidate that is of no use here. */
    private static Optional<ControlFrame> readCandidate(ByteBuf payload) {
        String usernameFragment = readText(payload);
        return Candidate.parse(readText(payload))
                .map(candidate -> new ControlFrame.CandidateLine(usernameFragment, candidate));
    }

    private static IceCredentials readCredentials(ByteBuf payload) {
        return new IceCredentials(readText(payload), readText(payload));
    }

    private static Set<String> readOptions(ByteBuf payload) {
        Set<String> options = new LinkedHashSet<>();
        for (int left = payload.readUnsignedByte(); left > 0; left--) {
            options.add(readText(payload));
        }
        return options;
    }

    private static String readText(ByteBuf payload) {
        int length = payload.readUnsignedShort();
        require(length <= MAX_TEXT, "text", length);
        require(length <= payload.readableBytes(), "text", length);
        return payload.readSlice(length).toString(StandardCharsets.US_ASCII);
    }

    private static void writeCredentials(ByteBuf out, IceCredentials credentials) {
        writeText(out, credentials.usernameFragment());
        writeText(out, credentials.password());
    }

    private static void writeText(ByteBuf out, String text) {
        require(text.length() <= MAX_TEXT, "text", text.length());
        out.writeShort(text.length());
        ByteBufUtil.writeAscii(out, text);
    }

    private static int type(ControlFrame frame) {
        if (frame instanceof ControlFrame.Credentials) {
            return CREDENTIALS;
        } else if (frame instanceof ControlFrame.CandidateLine) {
            return CANDIDATE;
        } else if (frame instanceof ControlFrame.EndOfCandidates) {
            return END_OF_CANDIDATES;
        }
        return DESCRIPTION;
    }

    private static void require(boolean isAsExpected, String what, int found) {
        if (!isAsExpected) {
            throw new IllegalArgumentException("control frame of " + what + " " + found);
        }
    }
}
