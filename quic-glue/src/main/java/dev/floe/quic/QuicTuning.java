package dev.floe.quic;

import io.netty.handler.codec.quic.QuicCodecBuilder;

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
}
