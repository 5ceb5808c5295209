package dev.floe.quic.punch;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A message of libp2p's DCUtR: protobuf's {@code HolePunch { required Type type = 1; repeated bytes ObsAddrs = 2; }}, with
 * its length as a varint before it.
 *
 * @param type what it is for
 * @param addresses where its sender has been observed, at most {@link #MAX_ADDRESSES}
 * @param skipped how many more it has named that are of no use here, or too many
 */
public record HolePunch(Type type, List<InetSocketAddress> addresses, int skipped) {

    /** What one message may name, and one side dial. */
    public static final int MAX_ADDRESSES = 8;

    /** How long a message may be, without its length: libp2p's limit. */
    public static final int MAX_LENGTH = 4096;

    /** What a message is for, with protobuf's number of it. */
    public enum Type {
        /** Here is where I have been observed. */
        CONNECT(100),
        /** Dial now. */
        SYNC(300);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    public HolePunch {
        addresses = List.copyOf(addresses);
    }

    /** To be sent. */
    public static HolePunch of(Type type, List<InetSocketAddress> addresses) {
        return new HolePunch(type, addresses, 0);
    }

    /**
     * Reads a message with its length. What protobuf lets others add is passed over.
     *
     * @return empty if it is malformed, too long, or of a type that is not known here
     */
    public static Optional<HolePunch> parse(ByteBuffer bytes) {
        try {
            long length = Varint.read(bytes);
            if (length > MAX_LENGTH || length != bytes.remaining()) {
                return Optional.empty();
            }
            return new HolePunchParser().parse(bytes);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** With its length before it. */
    public byte[] toBytes() {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(HolePunchParser.TYPE << 3);
        Varint.write(message, type.number);
        for (InetSocketAddress address : addresses) {
            byte[] multiaddr = Multiaddr.of(address);
            message.write(HolePunchParser.ADDRESSES << 3 | HolePunchParser.LENGTH_DELIMITED);
            Varint.write(message, multiaddr.length);
            message.writeBytes(multiaddr);
        }
        ByteArrayOutputStream prefixed = new ByteArrayOutputStream();
        Varint.write(prefixed, message.size());
        prefixed.writeBytes(message.toByteArray());
        return prefixed.toByteArray();
    }

    static Optional<Type> typeOf(long number) {
        for (Type type : Type.values()) {
            if (type.number == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
