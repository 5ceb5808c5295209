package dev.floe.quic.draft;

import static dev.floe.quic.draft.TraversalException.FRAME_ENCODING;
import static dev.floe.quic.draft.TraversalException.TRANSPORT_PARAMETER;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.OptionalLong;

/**
 * The bytes of {@link TraversalFrame}s on their stream: first the transport parameter as RFC 9000 §18 has it (id, length,
 * value), then frames as the draft has them. What is malformed or unknown is a {@link TraversalException}, and nothing is
 * read after it.
 */
public final class TraversalFrameCodec extends ByteToMessageCodec<TraversalFrame> {

    private static final long NAT_TRAVERSAL = 0x3d7e9f0bca12fea6L;
    private static final int MAX_VALUE_LENGTH = 8;

    private static final long ADD_ADDRESS_IPV4 = 0x3d7e90;
    private static final long ADD_ADDRESS_IPV6 = 0x3d7e91;
    private static final long PUNCH_ME_NOW_IPV4 = 0x3d7e92;
    private static final long PUNCH_ME_NOW_IPV6 = 0x3d7e93;
    private static final long REMOVE_ADDRESS = 0x3d7e94;

    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;
    private static final int PORT_LENGTH = 2;

    private boolean isNegotiated;
    private boolean isCorrupted;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (isCorrupted) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int start = in.readerIndex();
        try {
            TraversalFrame frame = isNegotiated ? readFrame(in) : readParameter(in);
            if (frame == null) {
                in.readerIndex(start);
                return;
            }
            isNegotiated = true;
            out.add(frame);
        } catch (TraversalException e) {
            isCorrupted = true;
            throw e;
        }
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, TraversalFrame frame, ByteBuf out) {
        if (frame instanceof TraversalFrame.TransportParameter parameter) {
            Varint.write(out, NAT_TRAVERSAL);
            OptionalLong limit = parameter.concurrencyLimit();
            Varint.write(out, limit.isPresent() ? Varint.length(limit.getAsLong()) : 0);
            limit.ifPresent(value -> Varint.write(out, value));
        } else if (frame instanceof TraversalFrame.AddAddress add) {
            Varint.write(out, isIpv4(add.address()) ? ADD_ADDRESS_IPV4 : ADD_ADDRESS_IPV6);
            Varint.write(out, add.sequence());
            writeAddress(out, add.address());
        } else if (frame instanceof TraversalFrame.PunchMeNow punch) {
            Varint.write(out, isIpv4(punch.address()) ? PUNCH_ME_NOW_IPV4 : PUNCH_ME_NOW_IPV6);
            Varint.write(out, punch.round());
            Varint.write(out, punch.pairedWith());
            writeAddress(out, punch.address());
        } else if (frame instanceof TraversalFrame.RemoveAddress remove) {
            Varint.write(out, REMOVE_ADDRESS);
            Varint.write(out, remove.sequence());
        }
    }

    /** Null if it is not all there. */
    private static TraversalFrame readParameter(ByteBuf in) {
        long id = Varint.read(in);
        require(id == NAT_TRAVERSAL || id == Varint.INCOMPLETE, TRANSPORT_PARAMETER, "not nat_traversal first");
        long length = Varint.read(in);
        require(length <= MAX_VALUE_LENGTH, TRANSPORT_PARAMETER, "a concurrency limit too long");
        if (length == Varint.INCOMPLETE || in.readableBytes() < length) {
            return null;
        } else if (length == 0) {
            return new TraversalFrame.TransportParameter(OptionalLong.empty());
        }
        ByteBuf value = in.readSlice((int) length);
        long limit = Varint.read(value);
        boolean isVarint = limit != Varint.INCOMPLETE && !value.isReadable();
        require(isVarint, TRANSPORT_PARAMETER, "a concurrency limit that is no number");
        return new TraversalFrame.TransportParameter(OptionalLong.of(limit));
    }

    /** Null if it is not all there. */
    private static TraversalFrame readFrame(ByteBuf in) {
        long type = Varint.read(in);
        if (type == Varint.INCOMPLETE) {
            return null;
        }
        require(type >= ADD_ADDRESS_IPV4 && type <= REMOVE_ADDRESS, FRAME_ENCODING, "an unknown frame");
        long first = Varint.read(in);
        if (first == Varint.INCOMPLETE) {
            return null;
        } else if (type == REMOVE_ADDRESS) {
            return new TraversalFrame.RemoveAddress(first);
        }
        boolean isPunch = type >= PUNCH_ME_NOW_IPV4;
        long second = isPunch ? Varint.read(in) : 0;
        int length = (type & 1) == 0 ? IPV4_LENGTH : IPV6_LENGTH;
        if (second == Varint.INCOMPLETE || in.readableBytes() < length + PORT_LENGTH) {
            return null;
        }
        InetSocketAddress address = readAddress(in, length);
        return isPunch
                ? new TraversalFrame.PunchMeNow(first, second, address)
                : new TraversalFrame.AddAddress(first, address);
    }

    /** An IPv4 address that is mapped into IPv6 becomes one of IPv4. */
    private static InetSocketAddress readAddress(ByteBuf in, int length) {
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), in.readUnsignedShort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + length + " bytes", e);
        }
    }

    private static void writeAddress(ByteBuf out, InetSocketAddress address) {
        out.writeBytes(address.getAddress().getAddress()).writeShort(address.getPort());
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress().getAddress().length == IPV4_LENGTH;
    }

    private static void require(boolean isAsExpected, int code, String found) {
        if (!isAsExpected) {
            throw new TraversalException(code, found);
        }
    }
}
