package dev.floe.ice.agent;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Lets at most {@value #PER_SECOND} checks within any second go to one IP address, whatever the number of candidates, ports
 * and bases: signaling may name a victim's address, and that one must not be flooded (RFC 8445 §19.5.1). What has
 * answered from there has shown that it wants them, and is not counted; a request alone may have been played once more under
 * a made-up address.
 */
final class CheckBudget {

    static final int PER_SECOND = 50;

    // So many at once, and then one at a time: never more than both together within a second.
    private static final int BURST = 10;
    private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos() / (PER_SECOND - BURST);
    private static final long BURST_NANOS = (BURST - 1) * INTERVAL_NANOS;

    /** When each address would be through with what it has had, were it sent evenly. */
    private final Map<InetAddress, Long> paid = new HashMap<>();

    /** From when on a check may go there. */
    long openNanos(InetAddress address) {
        Long until = paid.get(address);
        return until == null ? 0 : until - BURST_NANOS;
    }

    /** A check goes there. */
    void taken(InetAddress address, long nowNanos) {
        paid.values().removeIf(until -> until <= nowNanos);
        paid.merge(address, nowNanos + INTERVAL_NANOS, (until, fresh) -> until + INTERVAL_NANOS);
    }
}
