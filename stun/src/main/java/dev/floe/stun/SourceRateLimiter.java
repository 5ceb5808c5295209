package dev.floe.stun;

import java.net.InetAddress;

/**
 * How often each source may ask, in a table whose size never changes. A source is an IPv4 address, or the first 64 bits of
 * an IPv6 one, since whoever has one address of a /64 has them all.
 *
 * <p>Of each source one number is kept, the time until which it has used up its allowance (the generic cell rate
 * algorithm). One in the past means the same as none, so the least is given up for a new source: who loses an entry may
 * ask as if for the first time. A flood of spoofed sources therefore refuses nobody else, and those who ask too much keep
 * their entries longest. Not safe for use by several threads.
 */
final class SourceRateLimiter {
    private static final int WAYS = 8;

    /** No unicast IPv6 address starts so, so IPv4 addresses are among no others behind it. */
    private static final long IPV4 = 0xFFFF_0000_0000_0000L;

    private final long[] sources;
    private final long[] usedUntil;
    private final long intervalNanos;
    private final long burstNanos;
    private final long seed;

    /**
     * @param perSecond how many requests a source may make in the long run
     * @param burst how many of them at once
     * @param capacity how many sources are remembered at a time, a power of two and at least 8
     * @param seed which nobody outside knows, so that nobody can choose sources that meet in the table
     */
    SourceRateLimiter(int perSecond, int burst, int capacity, long seed) {
        this.sources = new long[capacity];
        this.usedUntil = new long[capacity];
        this.intervalNanos = 1_000_000_000L / perSecond;
        this.burstNanos = burst * intervalNanos;
        this.seed = seed;
    }

    /**
     * Whether a request is within its source's allowance; if so, it is counted.
     *
     * @param nowNanos not negative, and never less than before
     */
    boolean allows(InetAddress source, long nowNanos) {
        int entry = entry(key(source));
        long until = Math.max(usedUntil[entry], nowNanos) + intervalNanos;
        if (until - nowNanos > burstNanos) {
            return false;
        }
        usedUntil[entry] = until;
        return true;
    }

    /** The source's own entry; if it has none, the least in use of those it may have, emptied. */
    private int entry(long key) {
        int first = (int) mixed(key ^ seed) & (sources.length - WAYS);
        int least = first;
        for (int i = first; i < first + WAYS; i++) {
            if (sources[i] == key) {
                return i;
            }
            if (usedUntil[i] < usedUntil[least]) {
                least = i;
            }
        }
        sources[least] = key;
        usedUntil[least] = 0;
        return least;
    }

    private static long key(InetAddress source) {
        byte[] bytes = source.getAddress();
        return bytes.length == 4 ? IPV4 | Octets.u32(bytes, 0) : Octets.i64(bytes, 0);
    }

    /** Each bit of the result depends on all of {@code key}'s (the finalizer of MurmurHash3). */
    private static long mixed(long key) {
        long hash = key;
        hash = (hash ^ (hash >>> 33)) * 0xFF51_AFD7_ED55_8CCDL;
        hash = (hash ^ (hash >>> 33)) * 0xC4CE_B9FE_1A85_EC53L;
        return hash ^ (hash >>> 33);
    }
}
