package dev.floe.stun.turn;

import dev.floe.stun.StunAttributeType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The two ways in which a client and its TURN server wrap data (RFC 8656, sections 11 and 12), written and read where it
 * lies: a {@link dev.floe.stun.StunMessage} would copy all of it.
 */
final class TurnFrame {
    static final int CHANNEL_HEADER = 4;

    private static final int SEND_INDICATION = 0x0016;
    private static final int DATA_INDICATION = 0x0017;
    private static final int METHOD = 0x3EEF;
    private static final int BINDING = 0x0001;
    private static final int STUN_HEADER = 20;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int COOKIE = 0x2112A442;
    private static final int COMPREHENSION_OPTIONAL = 0x8000;

    private TurnFrame() {}

    /** Whether this is ChannelData, on a port where nothing else that the server sends starts so (RFC 8656, section 12). */
    static boolean isChannelData(ByteBuf in) {
        return in.isReadable() && (in.getByte(in.readerIndex()) & 0xF0) == 0x40;
    }

    /** Whether this is STUN that looks like a Data indication. */
    static boolean isDataIndication(ByteBuf in) {
        return in.getUnsignedShort(in.readerIndex()) == DATA_INDICATION;
    }

    /** Whether this is STUN that is no business of TURN's. */
    static boolean isBinding(ByteBuf in) {
        return (in.getUnsignedShort(in.readerIndex()) & METHOD) == BINDING;
    }

    /** The channel's number, or {@link ChannelBindings#NONE} where there is no header or not as much data as it says. */
    static int channel(ByteBuf in) {
        int start = in.readerIndex();
        boolean isWhole = in.readableBytes() >= CHANNEL_HEADER
                && in.getUnsignedShort(start + 2) <= in.readableBytes() - CHANNEL_HEADER;
        return isWhole ? in.getUnsignedShort(start) : ChannelBindings.NONE;
    }

    /** The data of ChannelData whose {@link #channel} is known: a slice that shares the buffer's reference count. */
    static ByteBuf channelData(ByteBuf in) {
        int start = in.readerIndex();
        return in.slice(start + CHANNEL_HEADER, in.getUnsignedShort(start + 2));
    }

    /** A new buffer with a copy of {@code data}, which the caller keeps: a datagram channel sends from one buffer. */
    static ByteBuf channelData(int channel, ByteBuf data, boolean isPadded, ByteBufAllocator alloc) {
        int length = data.readableBytes();
        int padding = isPadded ? -length & 3 : 0;
        return alloc.ioBuffer(CHANNEL_HEADER + length + padding)
                .writeShort(channel)
                .writeShort(length)
                .writeBytes(data, data.readerIndex(), length)
                .writeZero(padding);
    }

    /** As {@link #channelData(int, ByteBuf, boolean, ByteBufAllocator)}, in a Send indication. */
    static ByteBuf sendIndication(InetSocketAddress peer, ByteBuf data, ByteBufAllocator alloc) {
        byte[] ip = peer.getAddress().getAddress();
        int length = data.readableBytes();
        int padding = -length & 3;
        int body = 2 * ATTRIBUTE_HEADER + 4 + ip.length + length + padding;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        ByteBuf out = alloc.ioBuffer(STUN_HEADER + body)
                .writeShort(SEND_INDICATION)
                .writeShort(body)
                .writeInt(COOKIE)
                .writeInt(random.nextInt())
                .writeLong(random.nextLong())
                .writeShort(StunAttributeType.XOR_PEER_ADDRESS.code())
                .writeShort(4 + ip.length)
                .writeShort(ip.length == 4 ? 1 : 2)
                .writeShort(peer.getPort() ^ (COOKIE >>> 16));
        for (int i = 0; i < ip.length; i++) {
            out.writeByte(ip[i] ^ out.getByte(4 + i));
        }
        return out.writeShort(StunAttributeType.DATA.code())
                .writeShort(length)
                .writeBytes(data, data.readerIndex(), length)
                .writeZero(padding);
    }

    /** What a Data indication says. The data is a slice that shares the buffer's reference count. */
    record DataIndication(InetSocketAddress peer, ByteBuf data) {}

    /** Reads a Data indication, or gives null if it is none that makes sense. Leaves the buffer as it is. */
    static DataIndication dataIndication(ByteBuf in) {
        int start = in.readerIndex();
        int end = start + STUN_HEADER + in.getUnsignedShort(start + 2);
        if (end > in.writerIndex()) {
            return null;
        }
        InetSocketAddress peer = null;
        ByteBuf data = null;
        for (int at = start + STUN_HEADER; at + ATTRIBUTE_HEADER <= end; ) {
            int type = in.getUnsignedShort(at);
            int length = in.getUnsignedShort(at + 2);
            int value = at + ATTRIBUTE_HEADER;
            if (value + length > end) {
                return null;
            }
            if (type == StunAttributeType.XOR_PEER_ADDRESS.code()) {
                peer = peer(in, start, value, length);
            } else if (type == StunAttributeType.DATA.code()) {
                data = in.slice(value, length);
            } else if (type < COMPREHENSION_OPTIONAL) {
                return null;
            }
            at = value + ((length + 3) & ~3);
        }
        return peer == null || data == null ? null : new DataIndication(peer, data);
    }

    private static InetSocketAddress peer(ByteBuf in, int start, int at, int length) {
        boolean isIpv4 = length == 8 && in.getByte(at + 1) == 1;
        boolean isIpv6 = length == 20 && in.getByte(at + 1) == 2;
        if (!isIpv4 && !isIpv6) {
            return null;
        }
        byte[] ip = new byte[length - 4];
        for (int i = 0; i < ip.length; i++) {
            ip[i] = (byte) (in.getByte(at + 4 + i) ^ in.getByte(start + 4 + i));
        }
        int port = in.getUnsignedShort(at + 2) ^ (COOKIE >>> 16);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + ip.length + " bytes", e);
        }
    }
}
