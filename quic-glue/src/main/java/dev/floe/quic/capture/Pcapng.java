package dev.floe.quic.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng §4), big-endian, of raw IP packets. */
final class Pcapng implements Closeable {

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int INTERFACE_STATISTICS = 5;
    private static final int ENHANCED_PACKET = 6;
    private static final int DECRYPTION_SECRETS = 10;

    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final long UNKNOWN_LENGTH = -1;
    private static final short LINKTYPE_RAW = 101;
    private static final int NO_LIMIT = 0;
    private static final int TLS_KEY_LOG = 0x544C534B;
    private static final byte[] NANOSECONDS = {9};

    private static final int SECTION_APPLICATION = 4;
    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_COMMENT = 3;
    private static final int INTERFACE_RESOLUTION = 9;
    private static final int PACKET_FLAGS = 2;
    private static final int STATISTICS_RECEIVED = 4;
    private static final int STATISTICS_DROPPED = 5;

    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    /** Of a block: its type, and twice its length. */
    private static final int FRAME = 12;
    /** More than any block's fixed fields and options need, its data aside. */
    private static final int ROOM = 128;

    private final OutputStream out;

    Pcapng(OutputStream out) {
        this.out = out;
    }

    void sectionHeader(String application) throws IOException {
        write(
                SECTION_HEADER,
                option(
                                ByteBuffer.allocate(ROOM)
                                        .putInt(BYTE_ORDER_MAGIC)
                                        .putShort((short) 1)
                                        .putShort((short) 0)
                                        .putLong(UNKNOWN_LENGTH),
                                SECTION_APPLICATION,
                                application.getBytes(UTF_8))
                        .putInt(0));
    }

    void interfaceDescription(CaptureInterface of) throws IOException {
        byte[] name = of.name().getBytes(UTF_8);
        byte[] description = of.description().getBytes(UTF_8);
        ByteBuffer body = ByteBuffer.allocate(ROOM + name.length + description.length)
                .putShort(LINKTYPE_RAW)
                .putShort((short) 0)
                .putInt(NO_LIMIT);
        option(body, INTERFACE_NAME, name);
        option(body, INTERFACE_COMMENT, description);
        option(body, INTERFACE_RESOLUTION, NANOSECONDS);
        write(INTERFACE_DESCRIPTION, body.putInt(0));
    }

    void packet(CaptureRecord.Datagram datagram) throws IOException {
        byte[] packet = IpPacket.of(datagram.source(), datagram.destination(), datagram.payload());
        ByteBuffer body = ByteBuffer.allocate(ROOM + packet.length)
                .putInt(datagram.on().number())
                .putLong(datagram.epochNanos())
                .putInt(packet.length)
                .putInt(packet.length);
        pad(body.put(packet));
        option(
                body,
                PACKET_FLAGS,
                ByteBuffer.allocate(4)
                        .putInt(datagram.isOutbound() ? OUTBOUND : INBOUND)
                        .array());
        write(ENHANCED_PACKET, body.putInt(0));
    }

    void decryptionSecret(String keyLogLine) throws IOException {
        byte[] secret = (keyLogLine + '\n').getBytes(UTF_8);
        ByteBuffer body =
                ByteBuffer.allocate(ROOM + secret.length).putInt(TLS_KEY_LOG).putInt(secret.length);
        write(DECRYPTION_SECRETS, pad(body.put(secret)));
    }

    void interfaceStatistics(CaptureInterface of, long epochNanos) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(ROOM).putInt(of.number()).putLong(epochNanos);
        option(body, STATISTICS_RECEIVED, number(of.written() + of.dropped()));
        option(body, STATISTICS_DROPPED, number(of.dropped()));
        write(INTERFACE_STATISTICS, body.putInt(0));
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void write(int type, ByteBuffer body) throws IOException {
        int length = FRAME + body.position();
        out.write(ByteBuffer.allocate(8).putInt(type).putInt(length).array());
        out.write(body.array(), body.arrayOffset(), body.position());
        out.write(ByteBuffer.allocate(4).putInt(length).array());
    }

    private static ByteBuffer option(ByteBuffer body, int code, byte[] value) {
        return pad(body.putShort((short) code).putShort((short) value.length).put(value));
    }

    private static ByteBuffer pad(ByteBuffer body) {
        return body.position((body.position() + 3) & ~3);
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }
}
