package dev.floe.ice;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether this machine's place in the network changes: one for all sessions of the JVM, and only while one of them
 * listens. Twenty times a second it asks for the source addresses towards the default routes, four times for all
 * addresses; where that costs more than a twentieth of a core's time it looks less often, down to four times a second.
 *
 * <p>Listeners are called on the watch's own daemon thread, where they may ask the system further: when they are added,
 * upon each change, and a few times in the seconds after it, since a route comes later than its address, and an IPv6
 * address can be sent from later than it is seen. All methods may be called from any thread.
 */
final class NetworkWatch {

    /** Of the operating system's own network. */
    static final NetworkWatch SYSTEM = new NetworkWatch(HostNetwork.SYSTEM);

    private static final Logger log = LoggerFactory.getLogger(NetworkWatch.class);

    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long FULL_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long HURRIED_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LAST_SETTLING_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final int LEISURE = 20;

    private final HostNetwork network;
    private final Set<Consumer<HostNetwork>> listeners = new LinkedHashSet<>();
    private final Set<Consumer<HostNetwork>> newcomers = new HashSet<>();
    private boolean isHurried;
    private Thread thread;

    NetworkWatch(HostNetwork network) {
        this.network = network;
    }

    /** Without waiting for the watch, which asks the system alike. */
    HostNetwork network() {
        return network;
    }

    synchronized void add(Consumer<HostNetwork> listener) {
        if (listeners.add(listener)) {
            newcomers.add(listener);
            look();
        }
        if (thread == null) {
            thread = new Thread(null, new Watcher(), "ice-network-watch", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        }
    }

    synchronized void remove(Consumer<HostNetwork> listener) {
        listeners.remove(listener);
        newcomers.remove(listener);
        notifyAll();
    }

    /** Something has gone wrong that may come from a change: looks without delay. */
    synchronized void look() {
        isHurried = true;
        notifyAll();
    }

    /** The thread, for tests; null while nobody listens. */
    synchronized Thread thread() {
        return thread;
    }

    private synchronized List<Consumer<HostNetwork>> listeners(boolean isAll) {
        List<Consumer<HostNetwork>> told = new ArrayList<>(isAll ? listeners : newcomers);
        newcomers.clear();
        return told;
    }

    private synchronized boolean takeHurry() {
        boolean isTaken = isHurried;
        isHurried = false;
        return isTaken;
    }

    /** Whether anybody still listens when the next look is due; if not, the thread ends. */
    private synchronized boolean pause(long nanos, long hurriedNanos) {
        long start = System.nanoTime();
        try {
            while (!listeners.isEmpty()) {
                long left = (isHurried ? hurriedNanos : nanos) - (System.nanoTime() - start);
                if (left <= 0) {
                    return true;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            log.debug("the watch was interrupted, and ends", e);
        }
        thread = null;
        return false;
    }

    /** What one thread remembers. */
    private final class Watcher implements Runnable {
        private List<Optional<InetAddress>> sources = List.of();
        private Set<InetAddress> addresses = Set.of();
        private boolean hasLooked;
        private boolean isFullWanted;
        private long fullNanos;
        private long fullRestNanos;
        private long settlingNanos;
        private long changedNanos;

        @Override
        public void run() {
            long rest;
            do {
                long start = System.nanoTime();
                look(start);
                rest = rest(System.nanoTime() - start);
            } while (pause(Math.max(PERIOD_NANOS, rest), Math.max(HURRIED_PERIOD_NANOS, rest)));
        }

        private void look(long now) {
            NetworkLook look = new NetworkLook(network);
            boolean isChanged = false;
            try {
                isChanged = isChanged(look, now);
            } catch (RuntimeException e) {
                log.debug("the system does not tell of its network", e);
            }
            boolean isSettling = settlingNanos != 0 && now - changedNanos >= settlingNanos;
            if (isChanged && hasLooked) {
                changedNanos = now;
                settlingNanos = FULL_PERIOD_NANOS;
            } else if (isSettling) {
                settlingNanos = settlingNanos < LAST_SETTLING_NANOS ? 2 * settlingNanos : 0;
            }
            hasLooked = true;
            listeners(isChanged || isSettling).forEach(listener -> tell(listener, look));
        }

        private boolean isChanged(NetworkLook look, long now) {
            List<Optional<InetAddress>> sourcesBefore = sources;
            Set<InetAddress> addressesBefore = addresses;
            sources = HostAddresses.ANYWHERE.stream().map(look::sourceTo).toList();
            isFullWanted |= takeHurry();
            long period = isFullWanted ? PERIOD_NANOS : FULL_PERIOD_NANOS;
            if (!hasLooked || now - fullNanos >= Math.max(period, fullRestNanos)) {
                isFullWanted = false;
                fullNanos = now;
                addresses = advertisable(look);
                fullRestNanos = rest(System.nanoTime() - now);
            }
            return !sources.equals(sourcesBefore) || !addresses.equals(addressesBefore);
        }

        // What took long may have waited for the processor, on a machine that is busy with something else.
        private static long rest(long costNanos) {
            return Math.min(LEISURE * costNanos, FULL_PERIOD_NANOS);
        }

        private static Set<InetAddress> advertisable(HostNetwork look) {
            Set<InetAddress> found = new HashSet<>();
            look.addresses().stream()
                    .map(HostNetwork.HostAddress::address)
                    .filter(HostAddresses::isAdvertisable)
                    .forEach(found::add);
            return found;
        }

        // What a listener asks may be a filter of the user's, and the others are to hear of the change all the same.
        private static void tell(Consumer<HostNetwork> listener, HostNetwork look) {
            try {
                listener.accept(look);
            } catch (RuntimeException e) {
                log.warn("a session could not follow a change of network", e);
            }
        }
    }
}
