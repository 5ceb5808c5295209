package dev.floe.stun;

import dev.floe.stun.StunAttribute.AddressErrorCode;
import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.PasswordAlgorithms;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** The attribute values that have parts of their own: addresses, errors and lists. */
final class AttributeValues {
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    private static final int MAX_REASON = 763;
    private static final int CHANGE_IP = 4;
    private static final int CHANGE_PORT = 2;

    /** Where the header's magic cookie stands, followed by the transaction id: the mask of XORed addresses. */
    private static final int MASK = 4;

    private AttributeValues() {}

    static boolean isAddress(byte[] m, int at, int length) {
        return (length == 8 && m[at + 1] == IPV4) || (length == 20 && m[at + 1] == IPV6);
    }

    static InetSocketAddress address(byte[] m, int at) {
        return socketAddress(Octets.copy(m, at + 4, m[at + 1] == IPV4 ? 4 : 16), Octets.u16(m, at + 2));
    }

    /** RFC 8489, section 14.2. */
    static InetSocketAddress xorAddress(byte[] m, int at) {
        byte[] ip = Octets.copy(m, at + 4, m[at + 1] == IPV4 ? 4 : 16);
        for (int i = 0; i < ip.length; i++) {
            ip[i] ^= m[MASK + i];
        }
        return socketAddress(ip, Octets.u16(m, at + 2) ^ Octets.u16(m, MASK));
    }

    static void writeAddress(InetSocketAddress address, ByteBuf out) {
        byte[] ip = address.getAddress().getAddress();
        out.writeShort(ip.length == 4 ? IPV4 : IPV6)
                .writeShort(address.getPort())
                .writeBytes(ip);
    }

    static void writeXorAddress(InetSocketAddress address, ByteBuf out) {
        byte[] ip = address.getAddress().getAddress();
        out.writeShort(ip.length == 4 ? IPV4 : IPV6).writeShort(address.getPort() ^ out.getShort(MASK));
        for (int i = 0; i < ip.length; i++) {
            out.writeByte(ip[i] ^ out.getByte(MASK + i));
        }
    }

    static ChangeRequest changeRequest(byte[] m, int at) {
        int flags = Octets.i32(m, at);
        return new ChangeRequest((flags & CHANGE_IP) != 0, (flags & CHANGE_PORT) != 0);
    }

    static void writeChangeRequest(ChangeRequest change, ByteBuf out) {
        out.writeInt((change.changeIp() ? CHANGE_IP : 0) | (change.changePort() ? CHANGE_PORT : 0));
    }

    static boolean isErrorCode(byte[] m, int at, int length) {
        if (length < 4 || length > 4 + MAX_REASON) {
            return false;
        }
        int hundreds = m[at + 2] & 7;
        return hundreds >= 3
                && hundreds <= 6
                && m[at + 3] >= 0
                && m[at + 3] < 100
                && Octets.isUtf8(m, at + 4, length - 4);
    }

    static ErrorCode errorCode(byte[] m, int at, int length) {
        return new ErrorCode((m[at + 2] & 7) * 100 + m[at + 3], Octets.text(m, at + 4, length - 4));
    }

    static void writeErrorCode(ErrorCode error, ByteBuf out) {
        out.writeShort(0).writeByte(error.code() / 100).writeByte(error.code() % 100);
        ByteBufUtil.writeUtf8(out, error.reason());
    }

    /** As ERROR-CODE, with the family where that one has nothing (RFC 8656, section 18.12). */
    static AddressErrorCode addressErrorCode(byte[] m, int at, int length) {
        ErrorCode error = errorCode(m, at, length);
        return new AddressErrorCode(m[at] & 0xFF, error.code(), error.reason());
    }

    static void writeAddressErrorCode(AddressErrorCode error, ByteBuf out) {
        int start = out.writerIndex();
        writeErrorCode(new ErrorCode(error.code(), error.reason()), out);
        out.setByte(start, error.family());
    }

    static UnknownAttributes unknownAttributes(byte[] m, int at, int length) {
        List<StunAttributeType> types = new ArrayList<>(length / 2);
        for (int i = at; i < at + length; i += 2) {
            types.add(StunAttributeType.of(Octets.u16(m, i)));
        }
        return new UnknownAttributes(types);
    }

    static void writeUnknownAttributes(UnknownAttributes unknown, ByteBuf out) {
        unknown.types().forEach(type -> out.writeShort(type.code()));
    }

    static boolean isPasswordAlgorithm(byte[] m, int at, int length) {
        return length >= 4 && length == 4 + Octets.u16(m, at + 2);
    }

    static PasswordAlgorithm passwordAlgorithm(byte[] m, int at) {
        return new PasswordAlgorithm(Octets.u16(m, at), OctetString.read(m, at + 4, Octets.u16(m, at + 2)));
    }

    static void writePasswordAlgorithm(PasswordAlgorithm algorithm, ByteBuf out) {
        byte[] parameters = algorithm.parameters().toByteArray();
        out.writeShort(algorithm.algorithm()).writeShort(parameters.length).writeBytes(parameters);
    }

    /** Each is padded to a multiple of four, the last one too (RFC 8489, section 14.11). */
    static boolean arePasswordAlgorithms(byte[] m, int at, int length) {
        int end = at + length;
        int next = at;
        while (next + 4 <= end) {
            next += 4 + padded(Octets.u16(m, next + 2));
        }
        return next == end;
    }

    static PasswordAlgorithms passwordAlgorithms(byte[] m, int at, int length) {
        List<PasswordAlgorithm> algorithms = new ArrayList<>();
        for (int i = at; i < at + length; i += 4 + padded(Octets.u16(m, i + 2))) {
            algorithms.add(passwordAlgorithm(m, i));
        }
        return new PasswordAlgorithms(algorithms);
    }

    static void writePasswordAlgorithms(PasswordAlgorithms list, ByteBuf out) {
        for (PasswordAlgorithm algorithm : list.algorithms()) {
            writePasswordAlgorithm(algorithm, out);
            out.writeZero(-algorithm.parameters().length() & 3);
        }
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }

    private static InetSocketAddress socketAddress(byte[] ip, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + ip.length + " bytes", e);
        }
    }
}
