package dev.floe.ice.simulation;

import dev.floe.ice.IceRole;
import java.util.SplittableRandom;

/**
 * One simulated session, drawn from its seed alone.
 *
 * @param oneWayMillis the least delay of a datagram; each has up to {@code jitterMillis} more, which reorders
 * @param lossPercent how many datagrams are lost
 * @param duplicatePercent how many arrive twice
 */
record Scenario(
        long seed,
        Side a,
        Side b,
        int oneWayMillis,
        int jitterMillis,
        int lossPercent,
        int duplicatePercent,
        Signaling signaling) {

    /** The best that two sides can get. */
    enum Path {
        DIRECT,
        RELAYED,
        NONE
    }

    /** How candidates are told, between sides that can trickle; others tell all at once. */
    enum Signaling {
        WHOLE,
        HALF_TRICKLE,
        TRICKLE,
        LATE_TRICKLE,
        TWICE,
        END_LOST,
        CANDIDATE_LOST
    }

    /** What a peer can do. */
    enum Kind {
        FLOE,
        BY_THE_BOOK,
        LITE
    }

    /** The relay that a peer has. */
    enum Relay {
        NONE,
        UDP,
        TCP
    }

    /**
     * One peer and its network.
     *
     * @param isUdpBlocked whether nothing but TCP leaves its network
     * @param hasIpv6 whether it has an IPv6 address too, without NAT
     * @param isOnVpn whether it has an address in a private network that the other side may have a part in
     * @param hasDeadInterface whether it names an address that nothing comes to
     * @param signalMillis how long what it says takes to the other side
     * @param restartMillis when it restarts, or -1
     */
    record Side(
            NatKind nat,
            IceRole role,
            Kind kind,
            Relay relay,
            boolean isUdpBlocked,
            boolean hasIpv6,
            boolean isOnVpn,
            boolean hasDeadInterface,
            int signalMillis,
            int restartMillis) {

        int interfaces() {
            return 1 + (hasIpv6 ? 1 : 0) + (isOnVpn ? 1 : 0) + (hasDeadInterface ? 1 : 0);
        }

        boolean hasRelay() {
            return relay != Relay.NONE;
        }

        boolean restarts() {
            return restartMillis >= 0;
        }

        private boolean isReachable() {
            return !isUdpBlocked || hasRelay();
        }
    }

    static Scenario of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NatKind[] nats = NatKind.values();
        int roles = random.nextInt(4);
        Kind kindA = random.nextInt(4) == 0 ? Kind.BY_THE_BOOK : Kind.FLOE;
        Kind kindB = random.nextInt(4) == 0 ? Kind.BY_THE_BOOK : Kind.FLOE;
        // A lite peer is on a public address, so some of those are given to it.
        kindB = Math.floorMod(seed / 5, 5) == 0 && random.nextInt(3) == 0 ? Kind.LITE : kindB;
        kindA = kindB != Kind.LITE && Math.floorMod(seed, 5) == 0 && random.nextInt(4) == 0 ? Kind.LITE : kindA;
        boolean isAllFloe = kindA == Kind.FLOE && kindB == Kind.FLOE;
        int restarts = random.nextInt(8);
        Side a = side(
                random,
                nats[Math.floorMod(seed, 5)],
                roles == 1 ? IceRole.CONTROLLED : IceRole.CONTROLLING,
                kindA,
                restarts == 1 || (restarts == 2 && isAllFloe));
        Side b = side(
                random,
                nats[Math.floorMod(seed / 5, 5)],
                roles == 2 ? IceRole.CONTROLLING : IceRole.CONTROLLED,
                kindB,
                restarts == 3 || (restarts == 2 && isAllFloe));
        boolean isPlain = kindA == Kind.BY_THE_BOOK || kindB == Kind.BY_THE_BOOK;
        Signaling[] ways = Signaling.values();
        return new Scenario(
                seed,
                a,
                b,
                1 + random.nextInt(120),
                random.nextBoolean() ? random.nextInt(60) : 0,
                // By the book a check goes out seven times: more than that loses too many to tell a bug from bad luck.
                random.nextBoolean() ? random.nextInt(isPlain ? 11 : 31) : 0,
                random.nextInt(4) == 0 ? random.nextInt(10) : 0,
                isPlain ? Signaling.WHOLE : ways[random.nextInt(ways.length)]);
    }

    private static Side side(SplittableRandom random, NatKind nat, IceRole role, Kind kind, boolean restarts) {
        boolean isLite = kind == Kind.LITE;
        boolean isUdpBlocked = !isLite && random.nextInt(10) == 0;
        Relay relay = isLite || random.nextInt(3) != 0 ? Relay.NONE : random.nextBoolean() ? Relay.UDP : Relay.TCP;
        boolean hasIpv6 = random.nextInt(4) == 0;
        boolean isOnVpn = !isUdpBlocked && random.nextInt(5) == 0;
        return new Side(
                nat,
                role,
                kind,
                isUdpBlocked && relay == Relay.UDP ? Relay.TCP : relay,
                isUdpBlocked,
                hasIpv6,
                isOnVpn,
                (!hasIpv6 && !isOnVpn) || random.nextBoolean(),
                random.nextInt(random.nextInt(8) == 0 ? 5_000 : 400),
                restarts ? random.nextInt(6_000) : -1);
    }

    /** The best path that these networks allow without guessing ports. */
    Path best() {
        boolean isDirect = !a.isUdpBlocked()
                && !b.isUdpBlocked()
                && (a.nat().canReach(b.nat()) || (a.hasIpv6() && b.hasIpv6()) || (a.isOnVpn() && b.isOnVpn()));
        if (isDirect) {
            return Path.DIRECT;
        }
        boolean isRelayed = a.isReachable() && b.isReachable() && (a.hasRelay() || b.hasRelay());
        return isRelayed ? Path.RELAYED : Path.NONE;
    }

    boolean isPlain() {
        return a.kind() == Kind.BY_THE_BOOK || b.kind() == Kind.BY_THE_BOOK;
    }

    boolean isLate() {
        return Math.max(a.signalMillis(), b.signalMillis()) > 2_000;
    }

    boolean restarts() {
        return a.restarts() || b.restarts();
    }

    /** Whether side a, or else side b, tells its candidates one by one. */
    boolean trickles(boolean isA) {
        return switch (signaling) {
            case WHOLE -> false;
            case HALF_TRICKLE -> !isA;
            default -> true;
        };
    }

    /** What each check must keep from the one before it. */
    long pacingNanos() {
        return (isPlain() ? 50 : 5) * 1_000_000L;
    }
}
