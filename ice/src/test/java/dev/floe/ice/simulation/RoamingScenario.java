package dev.floe.ice.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A connection between two peers that roam, drawn from its seed alone.
 *
 * @param oneWayMillis the least delay of a datagram; each has up to {@code jitterMillis} more
 * @param lossPercent how many datagrams are lost
 * @param hasSignaling whether the signaling server lives on once the peers are connected
 * @param signalMillis how long what a peer says there takes to the other
 */
record RoamingScenario(
        long seed,
        Side a,
        Side b,
        int oneWayMillis,
        int jitterMillis,
        int lossPercent,
        boolean hasSignaling,
        int signalMillis,
        List<Step> steps) {

    private static final int MAX_STEPS = 10;
    private static final int FIRST_MILLIS = 5_000;

    /** The relay that a peer has, and what becomes of it on a move. */
    enum Relay {
        NONE,
        MOBILE,
        ALLOCATED_ANEW
    }

    /** What happens to a peer. */
    enum What {
        /** It goes over to another network. */
        ROAM,
        /** So do both, within a few milliseconds. */
        BOTH_ROAM,
        /** Its network is gone for a while, and comes back as it was. */
        FLAP,
        /** Its NAT forgets its mappings. */
        REBIND,
        /** Its network drops everything for a while, and no address tells. */
        CUT,
        /** Nothing passes between the peers for a while but through relays. */
        DIRECT_CUT,
        /** Its second interface goes, or comes. */
        SECOND,
        /** Somebody tells it fifty addresses of a host that has nothing to do with it. */
        JUNK
    }

    /**
     * One peer and its networks.
     *
     * @param nats the NATs of the networks that it walks through
     * @param hasSecond whether a second interface is up besides, through a NAT of its own
     */
    record Side(List<NatKind> nats, boolean hasSecond, Relay relay) {}

    /** @param millis how long it lasts, if it passes */
    record Step(int atMillis, What what, boolean isA, int millis) {

        int endMillis() {
            return atMillis + (passes() ? millis : 0);
        }

        boolean passes() {
            return what == What.FLAP || what == What.CUT || what == What.DIRECT_CUT;
        }
    }

    static RoamingScenario of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NatKind[] nats = NatKind.values();
        Side a = side(random, nats[Math.floorMod(seed, 5)]);
        Side b = side(random, nats[Math.floorMod(seed / 5, 5)]);
        return new RoamingScenario(
                seed,
                a,
                b,
                1 + random.nextInt(60),
                random.nextBoolean() ? random.nextInt(20) : 0,
                random.nextInt(3) == 0 ? random.nextInt(6) : 0,
                random.nextInt(4) != 0,
                20 + random.nextInt(200),
                steps(random));
    }

    /** When the last of the steps is over. */
    int endMillis() {
        return steps.stream().mapToInt(Step::endMillis).max().orElse(FIRST_MILLIS);
    }

    long roundTripMillis() {
        return 2L * (oneWayMillis + jitterMillis);
    }

    private static Side side(SplittableRandom random, NatKind first) {
        List<NatKind> nats = new ArrayList<>(List.of(first));
        NatKind[] all = NatKind.values();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            nats.add(all[random.nextInt(all.length)]);
        }
        Relay relay = random.nextInt(3) != 0 ? Relay.NONE : random.nextBoolean() ? Relay.MOBILE : Relay.ALLOCATED_ANEW;
        return new Side(List.copyOf(nats), random.nextInt(3) == 0, relay);
    }

    private static List<Step> steps(SplittableRandom random) {
        List<Step> steps = new ArrayList<>();
        List<What> whats = new ArrayList<>(List.of(What.values()));
        // What costs the most to play is drawn less often.
        if (random.nextInt(4) != 0) {
            whats.remove(What.JUNK);
        }
        int at = FIRST_MILLIS;
        for (int n = 1 + random.nextInt(MAX_STEPS); n > 0; n--) {
            Step step = new Step(
                    at,
                    whats.get(random.nextInt(whats.size())),
                    random.nextBoolean(),
                    random.nextInt(3) == 0 ? 100 + random.nextInt(9_000) : 50 + random.nextInt(900));
            steps.add(step);
            // Now and then the next step does not wait until the last has been dealt with.
            at = step.endMillis() + (random.nextInt(4) == 0 ? 20 + random.nextInt(500) : 3_000 + random.nextInt(4_000));
        }
        return List.copyOf(steps);
    }
}
