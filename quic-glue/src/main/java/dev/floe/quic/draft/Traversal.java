package dev.floe.quic.draft;

import dev.floe.ice.Candidate;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One side of the draft: what happens goes in together with the time, what is to be done comes out of {@link #poll}. Not
 * thread-safe; what the other side says makes it throw a {@link TraversalException} if the draft forbids it, and is
 * otherwise ignored if it is of no use.
 */
public abstract sealed class Traversal permits TraversalClient, TraversalServer {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How many addresses of the other side, or of this one, are kept; more are ignored. */
    static final int MAX_ADDRESSES = 32;

    /** How many frames are heeded at once; more are ignored, but for so many a second. */
    static final int MAX_FRAMES = 128;

    static final int FRAMES_PER_SECOND = 8;

    private static final long FRAME_NANOS = Duration.ofSeconds(1).toNanos() / FRAMES_PER_SECOND;

    private final Queue<TraversalOutput> outputs = new ArrayDeque<>();
    private long paidNanos;
    private long ignored;

    /** The stream is there. */
    public abstract void opened(long nowNanos);

    /** This side has one more address without a relay. */
    public abstract void localAdded(Candidate candidate, long nowNanos);

    /** This side has an address no more. */
    public abstract void localRemoved(Candidate candidate, long nowNanos);

    /** ICE has selected a pair: whether it is one of relays. */
    public abstract void selected(boolean isRelayed, long nowNanos);

    /** ICE starts over, and has forgotten what it was told to check. */
    public abstract void restarted(long nowNanos);

    /**
     * The other side has said something.
     *
     * @throws TraversalException if it may not
     */
    public final void heard(TraversalFrame frame, long nowNanos) {
        paidNanos = Math.max(paidNanos, nowNanos);
        if (paidNanos - nowNanos > (MAX_FRAMES - 1) * FRAME_NANOS) {
            ignore();
        } else {
            paidNanos += FRAME_NANOS;
            take(frame, nowNanos);
        }
    }

    /** Does what is due. */
    public abstract void advance(long nowNanos);

    /** {@return when {@link #advance} is to be called next, or {@link #NEVER}} */
    public abstract long deadlineNanos();

    /** {@return the next thing to do, or null} */
    public final TraversalOutput poll() {
        return outputs.poll();
    }

    /** {@return how many frames have been ignored: of useless addresses, too many, of rounds that are over} */
    public final long ignored() {
        return ignored;
    }

    /** As {@link #heard}, for one that is not too many. */
    abstract void take(TraversalFrame frame, long nowNanos);

    final void put(TraversalOutput output) {
        outputs.add(output);
    }

    final void say(TraversalFrame frame) {
        put(new TraversalOutput.Say(frame));
    }

    final void ignore() {
        ignored++;
    }

    /** Whether somebody could be reached there; on a loopback address only if this side has one itself. */
    static boolean isUsable(InetSocketAddress socket, boolean isLoopbackOpen) {
        InetAddress address = socket.getAddress();
        byte[] bytes = address.getAddress();
        boolean isIpv4 = address instanceof Inet4Address;
        boolean isBroadcast = isIpv4 && (bytes[0] == 0 || (bytes[0] & 0xff) >= 240);
        boolean needsZone = !isIpv4 && address.isLinkLocalAddress();
        return socket.getPort() != 0
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && !isBroadcast
                && !needsZone
                && (isLoopbackOpen || !address.isLoopbackAddress());
    }

    static boolean isOneFamily(InetSocketAddress one, InetSocketAddress other) {
        return one.getAddress().getClass() == other.getAddress().getClass();
    }
}
