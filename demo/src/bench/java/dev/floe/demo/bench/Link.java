package dev.floe.demo.bench;

import io.netty.handler.codec.quic.QuicChannel;

/** Two ends of one QUIC connection in this process, over two UDP sockets. */
interface Link extends AutoCloseable {

    QuicChannel client();

    QuicChannel server();

    /** What counts the bytes of each stream, on either side. */
    Meter meter();

    @Override
    default void close() {
        client().close().syncUninterruptibly();
        client().parent().close().syncUninterruptibly();
        server().close().syncUninterruptibly();
        server().parent().close().syncUninterruptibly();
    }
}
