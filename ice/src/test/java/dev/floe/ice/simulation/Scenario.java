package dev.floe.ice.simulation;

import dev.floe.ice.IceRole;
import java.util.SplittableRandom;

/**
 * One simulated session, drawn from its seed alone.
 *
 * @param oneWayMillis the least delay of a datagram; each has up to {@code jitterMillis} more, which reorders
 * @param lossPercent how many datagrams are lost
 * @param duplicatePercent how many arrive twice
 * @param isDualStack whether both hosts have an IPv6 address too, without NAT
 * @param isPlainA whether side a offers nothing beyond RFC 8445
 * @param signalAToB how long a's description takes to b once it is there, and so on
 */
record Scenario(
        long seed,
        NatKind natA,
        NatKind natB,
        IceRole roleA,
        IceRole roleB,
        int oneWayMillis,
        int jitterMillis,
        int lossPercent,
        int duplicatePercent,
        boolean isDualStack,
        boolean isPlainA,
        boolean isPlainB,
        int signalAToB,
        int signalBToA) {

    static Scenario of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NatKind[] kinds = NatKind.values();
        int roles = random.nextInt(4);
        boolean isLate = random.nextInt(8) == 0;
        return new Scenario(
                seed,
                kinds[Math.floorMod(seed, 5)],
                kinds[Math.floorMod(seed / 5, 5)],
                roles == 1 ? IceRole.CONTROLLED : IceRole.CONTROLLING,
                roles == 2 ? IceRole.CONTROLLING : IceRole.CONTROLLED,
                1 + random.nextInt(150),
                random.nextBoolean() ? random.nextInt(60) : 0,
                random.nextBoolean() ? random.nextInt(16) : 0,
                random.nextInt(4) == 0 ? random.nextInt(10) : 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0,
                random.nextInt(isLate ? 8_000 : 400),
                random.nextInt(400));
    }

    boolean isConnectable() {
        return natA.canReach(natB) || isDualStack;
    }

    boolean isLate() {
        return Math.max(signalAToB, signalBToA) > 2_000;
    }

    /** What each request of one side must keep from the one before it. */
    long pacingNanos() {
        return (isPlainA || isPlainB ? 50 : 5) * 1_000_000L;
    }
}
