package dev.floe.quic.capture;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * From which of its addresses this machine sends, for sockets that are bound to all of them. The system is asked, with one
 * that sends nothing; what it says holds for a quarter of a second, since the network may change. Not for an event loop.
 */
final class SourceAddresses {

    private static final long VALID_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int MAX_KNOWN = 256;
    private static final int ANY_PORT = 9;

    private final LongSupplier nanoTime;
    private final Map<InetAddress, Known> known = new LinkedHashMap<>();

    private record Known(InetAddress source, long sinceNanos) {}

    /** @param nanoTime as {@link System#nanoTime} */
    SourceAddresses(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Where a socket that is bound to {@code local} sends from to {@code remote}; always of the latter's family. */
    InetSocketAddress of(InetSocketAddress local, InetSocketAddress remote) {
        boolean isUsable =
                !local.getAddress().isAnyLocalAddress() && isIpv4(local.getAddress()) == isIpv4(remote.getAddress());
        return isUsable ? local : new InetSocketAddress(towards(remote.getAddress()), local.getPort());
    }

    private InetAddress towards(InetAddress remote) {
        long now = nanoTime.getAsLong();
        Known before = known.get(remote);
        if (before != null && now - before.sinceNanos() < VALID_NANOS) {
            return before.source();
        }
        InetAddress source = before == null ? ask(remote, unspecified(remote)) : ask(remote, before.source());
        if (before == null && known.size() == MAX_KNOWN) {
            known.remove(known.keySet().iterator().next());
        }
        known.put(remote, new Known(source, now));
        return source;
    }

    private static InetAddress ask(InetAddress remote, InetAddress otherwise) {
        try (DatagramChannel socket = DatagramChannel.open()) {
            socket.connect(new InetSocketAddress(remote, ANY_PORT));
            InetAddress source = ((InetSocketAddress) socket.getLocalAddress()).getAddress();
            return isIpv4(source) == isIpv4(remote) ? source : otherwise;
        } catch (IOException | IllegalArgumentException e) {
            return otherwise;
        }
    }

    private static InetAddress unspecified(InetAddress like) {
        try {
            return InetAddress.getByAddress(new byte[like.getAddress().length]);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of another length than " + like, e);
        }
    }

    private static boolean isIpv4(InetAddress address) {
        return address instanceof Inet4Address;
    }
}
