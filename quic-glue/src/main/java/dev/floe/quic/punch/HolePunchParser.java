package dev.floe.quic.punch;

import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads protobuf's wire format as far as a {@link HolePunch} takes it: fields in any order, the last of a single one
 * counts, and what is not known is passed over, as is a field of another wire type or with a value its enum lacks.
 */
final class HolePunchParser {

    static final int TYPE = 1;
    static final int ADDRESSES = 2;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    static final int LENGTH_DELIMITED = 2;
    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;
    private static final int FIXED32 = 5;

    private final Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    private HolePunch.Type type;
    private int skipped;

    /**
     * Reads to the end.
     *
     * @return empty if there is no type
     * @throws IllegalArgumentException if it is malformed
     * @throws BufferUnderflowException if it is cut off
     */
    Optional<HolePunch> parse(ByteBuffer bytes) {
        int depth = 0;
        while (bytes.hasRemaining()) {
            long tag = Varint.read(bytes);
            long field = tag >>> 3;
            if (field == 0) {
                throw new IllegalArgumentException("a field of number 0");
            }
            int wireType = (int) tag & 7;
            switch (wireType) {
                case VARINT -> number(depth == 0 ? field : 0, Varint.read(bytes));
                case FIXED64 -> skip(bytes, 8);
                case LENGTH_DELIMITED -> content(depth == 0 ? field : 0, skip(bytes, Varint.read(bytes)));
                case START_GROUP -> depth++;
                case END_GROUP -> depth--;
                case FIXED32 -> skip(bytes, 4);
                default -> throw new IllegalArgumentException("no wire type: " + wireType);
            }
            if (depth < 0) {
                throw new IllegalArgumentException("the end of a group that has not begun");
            }
        }
        if (depth > 0) {
            throw new IllegalArgumentException("a group without an end");
        }
        return Optional.ofNullable(type).map(known -> new HolePunch(known, List.copyOf(addresses), skipped));
    }

    private void number(long field, long value) {
        if (field == TYPE) {
            type = HolePunch.typeOf(value).orElse(type);
        }
    }

    private void content(long field, ByteBuffer value) {
        if (field != ADDRESSES) {
            return;
        }
        Optional<InetSocketAddress> address = Multiaddr.parse(value);
        if (address.isPresent() && addresses.size() < HolePunch.MAX_ADDRESSES) {
            addresses.add(address.get());
        } else {
            skipped++;
        }
    }

    private static ByteBuffer skip(ByteBuffer bytes, long length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer skipped = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return skipped;
    }
}
