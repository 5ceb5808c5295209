package dev.floe.quic.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A pcapng file, read back by one who knows the format from its specification alone. */
public record CapturedFile(List<Block> blocks) {

    public sealed interface Block {}

    public record Header() implements Block {}

    public record Interface(int number, String name) implements Block {}

    public record Packet(
            int on, boolean isOutbound, InetSocketAddress source, InetSocketAddress destination, ByteBuffer payload)
            implements Block {

        public boolean isQuic() {
            return (payload.get(0) & 0x40) != 0;
        }

        public boolean isStun() {
            return payload.remaining() >= 20 && payload.getInt(4) == 0x2112A442;
        }
    }

    public record Secret(String label) implements Block {}

    public record Statistics(int on, long received, long dropped) implements Block {}

    public static CapturedFile read(Path file) throws IOException {
        return of(Files.readAllBytes(file));
    }

    static CapturedFile of(byte[] bytes) {
        List<Block> blocks = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int interfaces = 0;
        while (in.hasRemaining()) {
            int type = in.getInt();
            int length = in.getInt();
            ByteBuffer body = in.slice(in.position(), length - 12);
            in.position(in.position() + body.capacity());
            if (length % 4 != 0 || in.getInt() != length) {
                throw new IllegalArgumentException("a block of " + length + " bytes that ends otherwise");
            }
            Block block = block(type, body, interfaces);
            interfaces += block instanceof Interface ? 1 : 0;
            blocks.add(block);
        }
        return new CapturedFile(blocks);
    }

    public List<Packet> packets() {
        return blocks(Packet.class);
    }

    public List<Statistics> statistics() {
        return blocks(Statistics.class);
    }

    public <B extends Block> List<B> blocks(Class<B> kind) {
        return blocks.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static Block block(int type, ByteBuffer body, int interfaces) {
        return switch (type) {
            case 0x0A0D0D0A -> new Header();
            case 1 -> new Interface(interfaces, text(option(body, 8, 2)));
            case 5 ->
                new Statistics(
                        body.getInt(0),
                        option(body, 12, 4).getLong(),
                        option(body, 12, 5).getLong());
            case 6 -> packet(body);
            case 10 -> new Secret(text(body.slice(8, body.getInt(4))).split(" ", 2)[0]);
            default -> throw new IllegalArgumentException("a block of type " + type);
        };
    }

    private static Packet packet(ByteBuffer body) {
        int length = body.getInt(12);
        boolean isOutbound = option(body, 20 + (length + 3 & ~3), 2).getInt() == 2;
        ByteBuffer packet = body.slice(20, length);
        boolean isIpv4 = packet.get(0) >>> 4 == 4;
        int udp = isIpv4 ? 20 : 40;
        int size = isIpv4 ? 4 : 16;
        int addresses = udp - 2 * size;
        return new Packet(
                body.getInt(0),
                isOutbound,
                new InetSocketAddress(address(packet, addresses, size), packet.getShort(udp) & 0xFFFF),
                new InetSocketAddress(address(packet, addresses + size, size), packet.getShort(udp + 2) & 0xFFFF),
                packet.slice(udp + 8, length - udp - 8));
    }

    private static ByteBuffer option(ByteBuffer body, int start, int code) {
        for (int at = start; at < body.capacity(); ) {
            int length = body.getShort(at + 2);
            if (body.getShort(at) == code) {
                return body.slice(at + 4, length);
            }
            at += 4 + (length + 3 & ~3);
        }
        throw new IllegalArgumentException("no option " + code);
    }

    private static String text(ByteBuffer bytes) {
        return US_ASCII.decode(bytes).toString();
    }

    private static InetAddress address(ByteBuffer packet, int start, int size) {
        byte[] ip = new byte[size];
        packet.get(start, ip);
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + size + " bytes", e);
        }
    }
}
