package dev.floe.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The datagrams of a peer's {@code --pcap}, as far as they went over a wire and over IPv4. */
final class WireLog {

    private static final int ENHANCED_PACKET = 6;
    private static final int IPV4_HEADER = 20;
    private static final int UDP_HEADER = 8;

    private WireLog() {}

    /** One datagram, when it was sent or came. */
    record Sighting(
            long epochNanos,
            boolean isOutbound,
            InetSocketAddress source,
            InetSocketAddress destination,
            ByteBuffer payload) {

        int firstByte() {
            return payload.get(0) & 0xff;
        }

        boolean isStun() {
            return payload.remaining() >= 20 && firstByte() <= 3;
        }

        boolean isQuic() {
            return firstByte() >= 64 && (firstByte() <= 127 || firstByte() >= 192);
        }

        /** DCUtR's random bytes. */
        boolean isNoise() {
            return !isStun() && !isQuic();
        }

        /** Where it is from or goes to. */
        String other() {
            return (isOutbound ? destination : source).getAddress().getHostAddress();
        }
    }

    static List<Sighting> of(Path capture) {
        try {
            ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(capture));
            List<Sighting> sightings = new ArrayList<>();
            while (in.hasRemaining()) {
                int start = in.position();
                int type = in.getInt();
                int length = in.getInt();
                if (type == ENHANCED_PACKET && in.getInt(start + 8) == 0) {
                    add(sightings, in.slice(start + 8, length - 12));
                }
                in.position(start + length);
            }
            return sightings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(List<Sighting> sightings, ByteBuffer body) throws IOException {
        int length = body.getInt(12);
        ByteBuffer packet = body.slice(20, length);
        // After the packet there is one option, the flags.
        boolean isOutbound = body.getInt(20 + ((length + 3) & ~3) + 4) == 2;
        if (packet.get(0) >>> 4 == 4 && length > IPV4_HEADER + UDP_HEADER) {
            sightings.add(new Sighting(
                    body.getLong(4),
                    isOutbound,
                    new InetSocketAddress(address(packet, 12), packet.getShort(IPV4_HEADER) & 0xffff),
                    new InetSocketAddress(address(packet, 16), packet.getShort(IPV4_HEADER + 2) & 0xffff),
                    packet.slice(IPV4_HEADER + UDP_HEADER, length - IPV4_HEADER - UDP_HEADER)));
        }
    }

    private static InetAddress address(ByteBuffer packet, int start) throws IOException {
        byte[] ip = new byte[4];
        packet.get(start, ip);
        return InetAddress.getByAddress(ip);
    }
}
