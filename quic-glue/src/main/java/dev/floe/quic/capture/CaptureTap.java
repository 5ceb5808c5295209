package dev.floe.quic.capture;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one connection adds to a {@link CaptureFile}. Its handlers read along, change nothing, and stand in two places:
 *
 * <pre>
 *   {@link #wireHandler} → TurnClientHandler → {@link #tunnelHandler} → StunCodec → IceHandler → …
 * </pre>
 *
 * <p>On the channel's event loop.
 */
public final class CaptureTap implements Consumer<String> {

    private final CaptureFile file;
    private final CaptureInterface wire;
    private final CaptureInterface tunnel;
    private final HandshakeSecrets secrets = new HandshakeSecrets();
    private final Set<SocketAddress> sockets = new HashSet<>();

    CaptureTap(CaptureFile file, CaptureInterface wire, CaptureInterface tunnel) {
        this.file = file;
        this.wire = wire;
        this.tunnel = tunnel;
    }

    /**
     * A new handler to be the first of a datagram channel, as a
     * {@linkplain dev.floe.ice.IceConfig.Builder#socketInitializer socket initializer} puts it there: it takes what comes
     * to that channel's own socket and what leaves by it.
     *
     * @return for one channel
     */
    public ChannelHandler wireHandler() {
        return new WireCaptureHandler(this);
    }

    /**
     * A new handler to stand between the TURN clients and the {@link dev.floe.stun.StunCodec}: it takes what comes to
     * relayed addresses and what leaves from them.
     *
     * @return for one channel
     */
    public ChannelHandler tunnelHandler() {
        return new TunnelCaptureHandler(this);
    }

    /**
     * Takes a line of the connection's TLS key log (the NSS key log format), which decrypts what the file holds of it.
     *
     * @param keyLogLine a label, the client's random and a secret, without the end of the line
     */
    @Override
    public void accept(String keyLogLine) {
        file.secret(keyLogLine, secrets);
    }

    /** The channel's socket is one of the connection's. */
    void socket(Channel channel) {
        if (channel.localAddress() != null) {
            sockets.add(channel.localAddress());
        }
    }

    /** Whether nobody of the connection's sockets is at this address, but a relay. */
    boolean isRelayed(Channel channel, InetSocketAddress address) {
        return !address.equals(channel.localAddress()) && !sockets.contains(address);
    }

    void cameOverWire(DatagramPacket packet) {
        file.datagram(wire, false, packet.recipient(), packet.sender(), packet.content(), secrets);
    }

    void leavesOverWire(InetSocketAddress from, DatagramPacket packet) {
        ByteBuf content = packet.content();
        // What the kernel is to cut leaves as several.
        int size = packet instanceof SegmentedDatagramPacket segmented ? segmented.segmentSize() : Integer.MAX_VALUE;
        int start = content.readerIndex();
        do {
            int length = Math.min(size, content.writerIndex() - start);
            file.datagram(wire, true, from, packet.recipient(), content.slice(start, length), secrets);
            start += length;
        } while (start < content.writerIndex());
    }

    void cameThroughTunnel(DatagramPacket packet) {
        file.datagram(tunnel, false, packet.recipient(), packet.sender(), packet.content(), secrets);
    }

    void leavesThroughTunnel(DatagramPacket packet) {
        file.datagram(tunnel, true, packet.sender(), packet.recipient(), packet.content(), secrets);
    }
}
