package dev.floe.quic.punch;

import dev.floe.stun.OctetString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * When to send random bytes where, in one attempt: to each address at intervals of its own. The other side may have named
 * a victim's addresses, so to each go at most {@value #MAX_EACH} times {@value #LENGTH} bytes.
 */
final class Probes {

    static final int MAX_EACH = 32;
    static final int LENGTH = 48;

    private static final long MIN_INTERVAL_NANOS = Duration.ofMillis(10).toNanos();
    private static final long MAX_INTERVAL_NANOS = Duration.ofMillis(200).toNanos();

    /** From here on a first byte is that of DTLS, ZRTP, QUIC, RTP; before it is STUN's (RFC 9443 §3): in between, nobody's. */
    private static final int FIRST_BYTE = 4;

    private static final int FIRST_BYTES = 12;

    private static final class Probe {
        final InetSocketAddress destination;
        long nextNanos;
        int sent;

        Probe(InetSocketAddress destination, long nextNanos) {
            this.destination = destination;
            this.nextNanos = nextNanos;
        }
    }

    private final List<Probe> probes = new ArrayList<>();
    private final RandomGenerator random;

    Probes(List<InetSocketAddress> destinations, RandomGenerator random, long firstNanos) {
        this.random = random;
        destinations.forEach(destination -> probes.add(new Probe(destination, firstNanos)));
    }

    void advance(long nowNanos, Queue<PunchOutput> outputs) {
        for (Probe probe : probes) {
            if (nowNanos >= probe.nextNanos) {
                outputs.add(new PunchOutput.Probe(probe.destination, content()));
                probe.nextNanos = ++probe.sent == MAX_EACH
                        ? Long.MAX_VALUE
                        : nowNanos + random.nextLong(MIN_INTERVAL_NANOS, MAX_INTERVAL_NANOS + 1);
            }
        }
    }

    long nextNanos() {
        return probes.stream().mapToLong(probe -> probe.nextNanos).min().orElse(Long.MAX_VALUE);
    }

    private OctetString content() {
        byte[] content = new byte[LENGTH];
        random.nextBytes(content);
        content[0] = (byte) (FIRST_BYTE + random.nextInt(FIRST_BYTES));
        return OctetString.of(content);
    }
}
