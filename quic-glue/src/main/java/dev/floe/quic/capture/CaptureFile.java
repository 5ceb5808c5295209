package dev.floe.quic.capture;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A pcapng file (draft-ietf-opsawg-pcapng) of what datagram channels send and receive, with the TLS secrets in it that
 * decrypt their QUIC: Wireshark needs nothing else. Each {@link #tap} has two interfaces in it, what really goes over the
 * wire and, unwrapped, what goes inside TURN; the IP and UDP headers are made up from the addresses.
 *
 * <p>A file that is being written can be read, also through a pipe: while a handshake is under way its datagrams wait, for
 * five seconds at most, so that the secrets stand before the datagrams that need them.
 *
 * <p>Event loops never wait for the disk: a thread of its own writes, up to 16 MiB are on their way to it, and what is
 * beyond that is dropped and counted. Safe for several threads.
 */
public final class CaptureFile implements Closeable {

    private static final long MAX_QUEUED_BYTES = 16 << 20;

    private final WriteBehind<CaptureRecord> writer;
    private final Map<String, List<CaptureInterface>> interfaces = new LinkedHashMap<>();
    private final List<CaptureInterface> known = new ArrayList<>();
    private final long epochOffsetNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();

    private CaptureFile(WriteBehind<CaptureRecord> writer) {
        this.writer = writer;
    }

    /**
     * Starts a file that only its owner may read, since it holds secrets; one that is there already is overwritten.
     *
     * @param file may be a named pipe, which somebody reads meanwhile
     * @return the file, with nothing in it yet
     * @throws IOException if it cannot be written
     */
    public static CaptureFile open(Path file) throws IOException {
        Pcapng pcapng = new Pcapng(
                new BufferedOutputStream(OwnerOnlyFile.open(file, StandardOpenOption.TRUNCATE_EXISTING), 1 << 16));
        pcapng.sectionHeader("floe");
        return new CaptureFile(new WriteBehind<>("capture", MAX_QUEUED_BYTES, new CaptureSequence(pcapng)));
    }

    /**
     * A tap for one connection. Those of the same name share its two interfaces, the name itself and {@code NAME in TURN};
     * of the first tap they have the numbers 0 and 1.
     *
     * @param name what Wireshark shows as {@code frame.interface_name}
     * @return a new tap
     */
    public synchronized CaptureTap tap(String name) {
        List<CaptureInterface> pair = interfaces.computeIfAbsent(
                name, any -> List.of(declare(name, "datagrams"), declare(name + " in TURN", "datagrams, unwrapped")));
        return new CaptureTap(this, pair.get(0), pair.get(1));
    }

    /** {@return how many datagrams are missing in the file} */
    public synchronized long dropped() {
        return known.stream().mapToLong(CaptureInterface::dropped).sum();
    }

    /**
     * Writes what is still to be written and closes the file; what comes later is dropped.
     *
     * @throws IOException if writing has failed, now or before
     */
    @Override
    public void close() throws IOException {
        writer.close();
    }

    /** Copies the content, which stays the caller's. */
    void datagram(
            CaptureInterface on,
            boolean isOutbound,
            InetSocketAddress local,
            InetSocketAddress remote,
            ByteBuf content,
            HandshakeSecrets secrets) {
        if (remote.isUnresolved()) {
            return;
        }
        int size = content.readableBytes();
        boolean isTaken = size <= IpPacket.MAX_PAYLOAD
                && writer.hasRoom(size)
                && writer.offer(
                        new CaptureRecord.Datagram(
                                on,
                                System.nanoTime() + epochOffsetNanos,
                                isOutbound,
                                local,
                                remote,
                                ByteBuffer.wrap(ByteBufUtil.getBytes(content)),
                                secrets),
                        size);
        if (!isTaken) {
            on.drop();
        }
    }

    void secret(String line, HandshakeSecrets secrets) {
        writer.put(new CaptureRecord.Secret(line, secrets));
    }

    private CaptureInterface declare(String name, String description) {
        CaptureInterface declared = new CaptureInterface(known.size(), name, description);
        known.add(declared);
        writer.put(new CaptureRecord.Interface(declared));
        return declared;
    }
}
