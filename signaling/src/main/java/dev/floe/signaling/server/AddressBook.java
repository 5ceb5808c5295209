package dev.floe.signaling.server;

import dev.floe.signaling.SignalingServerConfig;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What each address has in use. It knows only addresses that have a connection or a place in a room or have said much
 * lately, so that it does not grow with the addresses that it has ever seen. Any thread.
 */
final class AddressBook {

    private static final int BURST_SECONDS = 10;
    private static final int IPV6_NETWORK_BYTES = 8;

    private final SignalingServerConfig.PerAddress limits;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<InetAddress, Usage> usages = new ConcurrentHashMap<>();
    private final AtomicLong nextSweep;

    AddressBook(SignalingServerConfig.PerAddress limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        nextSweep = new AtomicLong(nanoTime.getAsLong());
    }

    /** Guarded by the map. */
    private static final class Usage {
        private int connections;
        private int rooms;
        private double messages;
        private long since;

        private void regain(long now, int perSecond) {
            messages = Math.max(0, messages - (now - since) * (double) perSecond / TimeUnit.SECONDS.toNanos(1));
            since = now;
        }

        private Usage orNull() {
            return connections == 0 && rooms == 0 && messages == 0 ? null : this;
        }
    }

    /** One connection more, whether the limit allows it or not. */
    void addConnection(InetAddress address) {
        sweepIfDue();
        change(address, usage -> usage.connections++);
    }

    void removeConnection(InetAddress address) {
        change(address, usage -> usage.connections--);
    }

    /** How many times the limit the address's connections are; 1 is just within. */
    boolean hasTooManyConnections(InetAddress address, int factor) {
        Usage usage = usages.get(key(address));
        return !isExempt(address) && usage != null && usage.connections > (long) factor * limits.clients();
    }

    /** Takes a place in a room, if the limit allows it. */
    boolean takeRoom(InetAddress address) {
        boolean[] isTaken = new boolean[1];
        change(address, usage -> {
            isTaken[0] = isExempt(address) || usage.rooms < limits.rooms();
            usage.rooms += isTaken[0] ? 1 : 0;
        });
        return isTaken[0];
    }

    /** One place more, whether the limit allows it or not: for one who comes back to a place that is counted still. */
    void addRoom(InetAddress address) {
        change(address, usage -> usage.rooms++);
    }

    void releaseRoom(InetAddress address) {
        change(address, usage -> usage.rooms--);
    }

    /** Whether the address, which has a connection, may send one more message now; then it counts. */
    boolean admitsMessage(InetAddress address) {
        if (isExempt(address)) {
            return true;
        }
        boolean[] isAdmitted = new boolean[1];
        change(address, usage -> {
            isAdmitted[0] = usage.messages < (double) limits.messagesPerSecond() * BURST_SECONDS;
            usage.messages += isAdmitted[0] ? 1 : 0;
        });
        return isAdmitted[0];
    }

    int size() {
        return usages.size();
    }

    private void change(InetAddress address, Consumer<Usage> change) {
        usages.compute(key(address), (same, known) -> {
            Usage usage = known == null ? new Usage() : known;
            usage.regain(nanoTime.getAsLong(), limits.messagesPerSecond());
            change.accept(usage);
            return usage.orNull();
        });
    }

    private void sweepIfDue() {
        long now = nanoTime.getAsLong();
        long due = nextSweep.get();
        if (now - due >= 0 && nextSweep.compareAndSet(due, now + TimeUnit.SECONDS.toNanos(BURST_SECONDS))) {
            usages.keySet().forEach(address -> change(address, usage -> {}));
        }
    }

    private boolean isExempt(InetAddress address) {
        return !limits.includesLoopback() && address.isLoopbackAddress();
    }

    /** Who has one IPv6 address has a whole network of them. */
    private static InetAddress key(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, IPV6_NETWORK_BYTES, network.length, (byte) 0);
        try {
            return InetAddress.getByAddress(network);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }
}
