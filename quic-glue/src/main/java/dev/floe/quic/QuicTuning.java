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

    // 64 of UDP's 65,507 bytes do not go, 54 of 1,200 bytes would; beyond some thirty nothing more is gained.
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
            return (boolean) channelType
                    .getMethod("isSegmentedDatagramPacketSupported")
                    .invoke(null);
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
