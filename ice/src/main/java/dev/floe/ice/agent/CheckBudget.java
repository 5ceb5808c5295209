package dev.floe.ice.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the checks that go to addresses which have not answered, whatever the number of candidates, ports and bases: to
 * each IP address, and to all together. Signaling, or the other side, may name a victim's address, and that one must not
 * be flooded (RFC 8445 §19.5.1). What has answered from there has shown that it wants them, and is not counted; a request
 * alone may have been played once more under a made-up address. Where the other side names what is checked, it has shown
 * so for its own port alone: others share its address behind a NAT.
 */
final class CheckBudget {

    /** ICE: within any second at most so many go to one IP address. */
    static final int PER_SECOND = 50;

    // So many at once, and then one at a time: never more than both together within a second.
    private static final int BURST = 10;

    /** Direct pairs on request: so many go to one IP address at once, and then so many a second. */
    static final Rate NAMED_ADDRESS = new Rate(40, 2);

    /** Direct pairs on request: so many go to all addresses together at once, and then so many a second. */
    static final Rate NAMED_ALL = new Rate(100, 4);

    /** So many at once, and then so many a second: never more than both together within a second. */
    record Rate(int burst, int perSecond) {

        private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

        private long intervalNanos() {
            return SECOND_NANOS / perSecond;
        }

        private long burstNanos() {
            return (burst - 1) * intervalNanos();
        }
    }

    private final Rate each;
    private final Rate all;

    /** When each address would be through with what it has had, were it sent evenly. */
    private final Map<InetAddress, Long> paid = new HashMap<>();

    private long paidByAll;

    private CheckBudget(Rate each, Rate all) {
        this.each = each;
        this.all = all;
    }

    /** That of ICE, whose pacing bounds what goes to all together. */
    static CheckBudget ofIce() {
        return new CheckBudget(new Rate(BURST, PER_SECOND - BURST), null);
    }

    /** That of an agent that is told by the other side what to check. */
    static CheckBudget ofNamedPairs() {
        return new CheckBudget(NAMED_ADDRESS, NAMED_ALL);
    }

    /** What an answer from this address shows to want checks: its whole host, or the one port of it. */
    Object openedBy(InetSocketAddress address) {
        return all == null ? address.getAddress() : address;
    }

    /** From when on a check may go there. */
    long openNanos(InetAddress address) {
        Long until = paid.get(address);
        long open = until == null ? 0 : until - each.burstNanos();
        return all == null ? open : Math.max(open, paidByAll - all.burstNanos());
    }

    /** A check goes there. */
    void taken(InetAddress address, long nowNanos) {
        paid.values().removeIf(until -> until <= nowNanos);
        paid.merge(address, nowNanos + each.intervalNanos(), (until, fresh) -> until + each.intervalNanos());
        if (all != null) {
            paidByAll = Math.max(paidByAll, nowNanos) + all.intervalNanos();
        }
    }
}
