package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;

/**
 * Connection ids of a codec that many peers share (RFC 9000 §5.1): each begins with the label of the peer that it was made
 * for, so that a datagram tells whose it is wherever it comes from.
 */
final class PeerConnectionIds implements QuicConnectionIdGenerator {

    /** All have this length, the longest that there is. */
    static final int LENGTH = 20;

    private static final int LABEL_LENGTH = Long.BYTES;
    private static final int LONG_HEADER_ID = 6;

    private final QuicConnectionIdGenerator signed = QuicConnectionIdGenerator.signGenerator();
    private PeerChannel current;

    /** Ids are made for this peer from now on, null for none. */
    void makeFor(PeerChannel peer) {
        current = peer;
    }

    /** The peer whose datagram the codec deals with. */
    PeerChannel current() {
        return current;
    }

    @Override
    public ByteBuffer newId(int length) {
        throw new UnsupportedOperationException("these ids are made of others");
    }

    /** The same for the same peer and input, as the codec needs it where a client repeats its first datagram. */
    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        ByteBuffer id = ByteBuffer.allocate(length);
        id.putLong(current.label()).put(signed.newId(input, length - LABEL_LENGTH));
        return id.flip();
    }

    @Override
    public int maxConnectionIdLength() {
        return LENGTH;
    }

    @Override
    public boolean isIdempotent() {
        return true;
    }

    /**
     * What the destination connection id of a QUIC datagram (RFC 9000 §17) begins with, if it has the length that all of
     * ours have; 0 for any other.
     */
    static long labelIn(ByteBuf datagram) {
        ByteBuf id = destination(datagram);
        return id.readableBytes() == LENGTH ? id.getLong(id.readerIndex()) : 0;
    }

    /** The destination connection id, empty if there is none; shares the datagram's memory. */
    static ByteBuf destination(ByteBuf datagram) {
        boolean isLong = DatagramKind.of(datagram) == DatagramKind.QUIC_LONG_HEADER;
        int start = datagram.readerIndex() + (isLong ? LONG_HEADER_ID : 1);
        if (start > datagram.writerIndex()) {
            return datagram.slice(datagram.readerIndex(), 0);
        }
        int length = isLong ? datagram.getUnsignedByte(start - 1) : LENGTH;
        return datagram.slice(start, Math.min(length, datagram.writerIndex() - start));
    }
}
