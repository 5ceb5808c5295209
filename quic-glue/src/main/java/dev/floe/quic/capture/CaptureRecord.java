package dev.floe.quic.capture;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** What a capture consists of, in the order in which it happened. */
sealed interface CaptureRecord {

    /** From here on there are datagrams of this interface. */
    record Interface(CaptureInterface declared) implements CaptureRecord {}

    /**
     * One datagram.
     *
     * @param epochNanos nanoseconds since 1970
     * @param local may be a wildcard address
     * @param secrets those of the connection that it belongs to, if it is QUIC
     */
    record Datagram(
            CaptureInterface on,
            long epochNanos,
            boolean isOutbound,
            InetSocketAddress local,
            InetSocketAddress remote,
            ByteBuffer payload,
            HandshakeSecrets secrets)
            implements CaptureRecord {

        Datagram from(InetSocketAddress concrete) {
            return new Datagram(on, epochNanos, isOutbound, concrete, remote, payload, secrets);
        }

        InetSocketAddress source() {
            return isOutbound ? local : remote;
        }

        InetSocketAddress destination() {
            return isOutbound ? remote : local;
        }
    }

    /** A line of the key log, of the connection that {@code secrets} watches. */
    record Secret(String line, HandshakeSecrets secrets) implements CaptureRecord {}
}
