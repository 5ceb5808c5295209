package dev.floe.quic.capture;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Puts the records of a capture into an order in which one pass decrypts it: secrets at once, while datagrams wait as long
 * as a handshake is under way. The datagram that makes this side derive a secret may already need it. On the writer's
 * thread.
 */
final class CaptureSequence implements WriteBehind.Sink<CaptureRecord> {

    private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_HELD_BYTES = 4 << 20;

    private final Pcapng pcapng;
    private final SourceAddresses sources = new SourceAddresses(System::nanoTime);
    private final LongSupplier nanoTime;
    private final List<CaptureInterface> interfaces = new ArrayList<>();
    private final Queue<CaptureRecord.Datagram> held = new ArrayDeque<>();
    private final Set<HandshakeSecrets> awaited = new HashSet<>();
    private int heldBytes;
    private long deadlineNanos;
    private long lastEpochNanos;

    CaptureSequence(Pcapng pcapng) {
        this(pcapng, System::nanoTime);
    }

    /** @param nanoTime as {@link System#nanoTime} */
    CaptureSequence(Pcapng pcapng, LongSupplier nanoTime) {
        this.pcapng = pcapng;
        this.nanoTime = nanoTime;
    }

    @Override
    public void write(CaptureRecord next) throws IOException {
        if (next instanceof CaptureRecord.Interface added) {
            interfaces.add(added.declared());
            pcapng.interfaceDescription(added.declared());
        } else if (next instanceof CaptureRecord.Secret secret) {
            pcapng.decryptionSecret(secret.line());
            learn(secret);
        } else if (next instanceof CaptureRecord.Datagram datagram) {
            add(datagram.from(sources.of(datagram.local(), datagram.remote())));
        }
    }

    @Override
    public long idle() throws IOException {
        if (!awaited.isEmpty() && deadlineNanos - nanoTime.getAsLong() <= 0) {
            release();
        }
        pcapng.flush();
        return awaited.isEmpty() ? Long.MAX_VALUE : deadlineNanos - nanoTime.getAsLong();
    }

    @Override
    public void close() throws IOException {
        try (pcapng) {
            release();
            for (CaptureInterface each : interfaces) {
                pcapng.interfaceStatistics(each, lastEpochNanos);
            }
        }
    }

    private void add(CaptureRecord.Datagram datagram) throws IOException {
        if (datagram.secrets().isBegunBy(datagram.payload())) {
            deadlineNanos = awaited.isEmpty() ? nanoTime.getAsLong() + MAX_WAIT_NANOS : deadlineNanos;
            awaited.add(datagram.secrets());
        }
        held.add(datagram);
        heldBytes += datagram.payload().remaining();
        if (awaited.isEmpty() || heldBytes > MAX_HELD_BYTES || deadlineNanos - nanoTime.getAsLong() <= 0) {
            release();
        }
    }

    private void learn(CaptureRecord.Secret secret) throws IOException {
        secret.secrets().learn(secret.line());
        if (secret.secrets().areComplete() && awaited.remove(secret.secrets()) && awaited.isEmpty()) {
            release();
        }
    }

    private void release() throws IOException {
        awaited.clear();
        heldBytes = 0;
        for (CaptureRecord.Datagram next = held.poll(); next != null; next = held.poll()) {
            pcapng.packet(next);
            next.on().write();
            lastEpochNanos = next.epochNanos();
        }
    }
}
