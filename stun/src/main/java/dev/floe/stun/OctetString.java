package dev.floe.stun;

import java.util.Arrays;
import java.util.HexFormat;

/** Bytes as an immutable value: the content of attributes that are neither number nor text. */
public final class OctetString {
    private final byte[] bytes;

    private OctetString(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return a copy of {@code bytes}}
     *
     * @param bytes copied
     */
    public static OctetString of(byte... bytes) {
        return new OctetString(bytes.clone());
    }

    static OctetString read(byte[] bytes, int at, int length) {
        return new OctetString(Octets.copy(bytes, at, length));
    }

    /** {@return the number of bytes} */
    public int length() {
        return bytes.length;
    }

    /** {@return the bytes, in a new array} */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof OctetString other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Hexadecimal digits, two a byte. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
