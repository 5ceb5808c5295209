package dev.floe.quic.capture;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A UDP datagram in an IP packet, as it may have looked on the wire (RFC 768, RFC 791, RFC 8200). */
final class IpPacket {

    /** In bytes; more does not fit into an IPv4 packet. */
    static final int MAX_PAYLOAD = 0xFFFF - 28;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int UDP_HEADER = 8;
    private static final byte UDP = 17;
    private static final byte HOPS = 64;
    private static final short DONT_FRAGMENT = 0x4000;

    private IpPacket() {}

    /**
     * Makes the packet, its checksums right.
     *
     * @param source of the same address family as {@code destination}
     * @param payload {@link #MAX_PAYLOAD} bytes at most
     */
    static byte[] of(InetSocketAddress source, InetSocketAddress destination, ByteBuffer payload) {
        byte[] from = source.getAddress().getAddress();
        byte[] to = destination.getAddress().getAddress();
        int length = UDP_HEADER + payload.remaining();
        int start = from.length == 4 ? IPV4_HEADER : IPV6_HEADER;
        ByteBuffer packet = ByteBuffer.allocate(start + length);
        if (from.length == 4) {
            putIpv4(packet, from, to);
        } else {
            putIpv6(packet, from, to);
        }
        packet.putShort((short) source.getPort())
                .putShort((short) destination.getPort())
                .putShort((short) length)
                .putShort((short) 0)
                .put(payload.duplicate());
        int pseudoHeader = sum(from, 0, from.length) + sum(to, 0, to.length) + UDP + length;
        int checksum = checksum(pseudoHeader + sum(packet.array(), start, length));
        // Zero says that there is none (RFC 768).
        packet.putShort(start + 6, (short) (checksum == 0 ? 0xFFFF : checksum));
        return packet.array();
    }

    private static void putIpv4(ByteBuffer packet, byte[] from, byte[] to) {
        packet.putShort((short) 0x4500)
                .putShort((short) packet.capacity())
                .putShort((short) 0)
                .putShort(DONT_FRAGMENT)
                .put(HOPS)
                .put(UDP)
                .putShort((short) 0)
                .put(from)
                .put(to);
        packet.putShort(10, (short) checksum(sum(packet.array(), packet.arrayOffset(), IPV4_HEADER)));
    }

    private static void putIpv6(ByteBuffer packet, byte[] from, byte[] to) {
        packet.putInt(0x60000000)
                .putShort((short) (packet.capacity() - IPV6_HEADER))
                .put(UDP)
                .put(HOPS)
                .put(from)
                .put(to);
    }

    /** Of 16-bit words (RFC 1071); 64 KiB of them do not overflow. */
    private static int sum(byte[] bytes, int start, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int octet = bytes[start + i] & 0xFF;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        return sum;
    }

    private static int checksum(int sum) {
        int folded = (sum >>> 16) + (sum & 0xFFFF);
        return ~(folded + (folded >>> 16)) & 0xFFFF;
    }
}
