package dev.floe.quic.punch;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The one kind of multiaddr that is of use here, in its binary form: {@code /ip4/…/udp/…/quic-v1} and the same with
 * {@code /ip6}. Each part is a code from multiaddr's table, as a varint, and the part's value.
 */
final class Multiaddr {

    private static final int IP4 = 4;
    private static final int IP6 = 41;
    private static final int UDP = 273;
    private static final int QUIC_V1 = 461;

    private Multiaddr() {}

    /** @param address resolved */
    static byte[] of(InetSocketAddress address) {
        byte[] ip = address.getAddress().getAddress();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Varint.write(out, address.getAddress() instanceof Inet4Address ? IP4 : IP6);
        out.writeBytes(ip);
        Varint.write(out, UDP);
        out.write(address.getPort() >> 8);
        out.write(address.getPort());
        Varint.write(out, QUIC_V1);
        return out.toByteArray();
    }

    /** Empty if it is another kind of address, malformed, or one that no single host can be reached at. */
    static Optional<InetSocketAddress> parse(ByteBuffer bytes) {
        try {
            long family = Varint.read(bytes);
            if (family != IP4 && family != IP6) {
                return Optional.empty();
            }
            byte[] ip = new byte[family == IP4 ? 4 : 16];
            bytes.get(ip);
            boolean isUdp = Varint.read(bytes) == UDP;
            int port = bytes.getShort() & 0xffff;
            boolean isQuic = Varint.read(bytes) == QUIC_V1;
            InetAddress host = InetAddress.getByAddress(ip);
            return isUdp && isQuic && !bytes.hasRemaining() && port != 0 && isDialable(host)
                    ? Optional.of(new InetSocketAddress(host, port))
                    : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** One host's: neither a group's nor everybody's, nor one that means nothing without an interface. */
    static boolean isDialable(InetAddress host) {
        byte[] ip = host.getAddress();
        boolean isBroadcast = ip.length == 4 && (ip[0] & 0xf0) == 0xf0;
        boolean isInterfaces = ip.length == 16 && host.isLinkLocalAddress();
        return !host.isAnyLocalAddress() && !host.isMulticastAddress() && !isBroadcast && !isInterfaces;
    }
}
