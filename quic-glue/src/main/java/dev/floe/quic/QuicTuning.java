package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.net.InetSocketAddress;

/**
 * How Floe sets up Netty's QUIC codec and its channel, for those who build them themselves and use {@link QuicSwapHandler}.
 * What it leaves as it is:
 *
 * <ul>
 *   <li>the datagrams' size, 1,200 bytes: more takes probing (RFC 9000 §14.1), and QUIC does not see when ICE moves it to a
 *       narrower path;
 *   <li>when to flush, after 20 datagrams' worth: flushes of 4 cost throughput;
 *   <li>how much to read at a time, 16 datagrams of up to 2,048 bytes: 4 at a time cost throughput;
 *   <li>{@code SO_SNDBUF}: a socket that is full is waited for;
 *   <li>congestion control, CUBIC (RFC 9438): which one serves best depends on the path, and ICE may change that any time.
 * </ul>
 */
public final class QuicTuning {

    /**
     * The {@code SO_RCVBUF} to ask for, in bytes; the kernel may grant less. The usual default holds some ninety QUIC
     * datagrams, which one burst of a fast sender fills before the event loop comes round to them.
     */
    public static final int RECEIVE_BUFFER = 4 << 20;

    // For a path of 1 Gbit/s and 100 ms: what is in flight is 12.5 MB.
    private static final long CONNECTION_WINDOW = 16 << 20;
    private static final long STREAM_WINDOW = 12_500_000;
    private static final long MAX_STREAMS = 1_024;

    // More than Netty lets wait for a flush, and fewer than fit the 64 KB of a UDP packet.
    private static final int MAX_SEGMENTS = 32;

    private QuicTuning() {}

    /**
     * Sets flow control, the executor of TLS tasks and QUIC's own migration; TLS, the idle time-out and the handlers
     * are left to the caller.
     *
     * @param <B> the builder's own type
     * @param builder of a client's or a server's codec
     * @return the same builder
     */
    public static <B extends QuicCodecBuilder<B>> B apply(B builder) {
        return builder.sslTaskExecutor(QuicTls.TASKS)
                .initialMaxData(CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamDataUnidirectional(STREAM_WINDOW)
                .initialMaxStreamsBidirectional(MAX_STREAMS)
                .initialMaxStreamsUnidirectional(MAX_STREAMS)
                // ICE moves the connection, QUIC never does.
                .activeMigration(false);
    }

    /**
     * What makes packets of several datagrams that the kernel then cuts (UDP_SEGMENT), for
     * {@link io.netty.handler.codec.quic.QuicChannelOption#SEGMENTED_DATAGRAM_PACKET_ALLOCATOR}: one system call and one
     * way through the network stack instead of many.
     *
     * @param channelType of the datagram channel
     * @return {@link SegmentedDatagramPacketAllocator#NONE} if channels of this type have no such thing here
     */
    public static SegmentedDatagramPacketAllocator segments(Class<? extends DatagramChannel> channelType) {
        return isCutByKernel(channelType) ? new Allocator() : SegmentedDatagramPacketAllocator.NONE;
    }

    /** Asks as Netty's native channels want to be asked, without being bound to any of them. */
    private static boolean isCutByKernel(Class<? extends DatagramChannel> channelType) {
        try {
            return (boolean)
                    channelType.getMethod("isSegmentedDatagramPacketSupported").invoke(null);
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static final class Allocator implements SegmentedDatagramPacketAllocator {

        @Override
        public int maxNumSegments() {
            return MAX_SEGMENTS;
        }

        @Override
        public DatagramPacket newPacket(ByteBuf content, int segmentSize, InetSocketAddress recipient) {
            return new SegmentedDatagramPacket(content, segmentSize, recipient);
        }
    }
}
