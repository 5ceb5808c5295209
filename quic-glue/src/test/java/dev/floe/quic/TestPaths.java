package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/** Pairs, and QUIC datagrams that come over them, for tests on embedded channels. */
final class TestPaths {

    static final InetSocketAddress BASE = new InetSocketAddress("192.0.2.1", 5000);
    static final InetSocketAddress OTHER_BASE = new InetSocketAddress("192.0.2.2", 5000);
    static final InetSocketAddress NEAR = new InetSocketAddress("198.51.100.1", 6000);
    static final InetSocketAddress FAR = new InetSocketAddress("198.51.100.2", 6000);
    static final InetSocketAddress STRANGER = new InetSocketAddress("203.0.113.9", 7000);

    private static final int LONG_HEADER = 0xC0;
    private static final int SHORT_HEADER = 0x40;

    private TestPaths() {}

    static CandidatePair pair(InetSocketAddress base, InetSocketAddress remote) {
        return new CandidatePair(candidate(base), candidate(remote), base);
    }

    /** A datagram of the handshake, as it comes from the socket. */
    static DatagramPacket handshake(int number, InetSocketAddress sender) {
        return new DatagramPacket(content(LONG_HEADER, number), BASE, sender);
    }

    /** A datagram of application data, as it comes from the socket. */
    static DatagramPacket data(int number, InetSocketAddress sender) {
        return new DatagramPacket(content(SHORT_HEADER, number), BASE, sender);
    }

    /** A datagram as QUIC writes it. */
    static DatagramPacket outbound(int number) {
        return new DatagramPacket(content(SHORT_HEADER, number), IcePathHandler.REMOTE_ADDRESS);
    }

    static ByteBuf content(int number) {
        return content(SHORT_HEADER, number);
    }

    /** Which one it is, of those that the methods above have made. */
    static int number(ByteBuf content) {
        return content.getInt(content.readerIndex() + 1);
    }

    private static ByteBuf content(int first, int number) {
        return Unpooled.buffer(5).writeByte(first).writeInt(number);
    }

    private static Candidate candidate(InetSocketAddress address) {
        return new Candidate("1", Candidate.priority(CandidateType.HOST, 65_535), address, CandidateType.HOST, null);
    }
}
