package dev.floe.ice.simulation;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.simulation.RoamingScenario.Step;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Two peers that roam, STUN and TURN servers, and a signaling server that may die, under virtual time. */
final class RoamingNetwork {

    static final InetSocketAddress STUN_SERVER = new InetSocketAddress("198.51.100.1", 3478);

    private static final long MILLI = 1_000_000;
    private static final int DATA_MILLIS = 20;

    private final RoamingScenario scenario;
    private final SplittableRandom random;
    private final VirtualTime time = new VirtualTime();
    private boolean isDirectCut;

    final RoamingPeer a;
    final RoamingPeer b;
    final List<Silence> silences = new ArrayList<>();
    boolean isSignaling = true;
    long longestUnreachableMillis;
    private long unreachableMillis;

    /** How long one peer heard nothing of the other after a step. */
    static final class Silence {
        final Step step;
        final boolean hasOtherWay;
        long millis;
        boolean isEnded;
        boolean isEverUnreachable;

        private Silence(Step step, boolean hasOtherWay, boolean isOfBefore) {
            this.step = step;
            this.hasOtherWay = hasOtherWay;
            isEverUnreachable = isOfBefore;
        }
    }

    /** Where a datagram comes out: at whom, at which of its bases, and from which address. */
    record Arrival(RoamingPeer peer, InetSocketAddress base, InetSocketAddress source) {}

    RoamingNetwork(RoamingScenario scenario) {
        this.scenario = scenario;
        random = new SplittableRandom(scenario.seed() * 31 + 7);
        a = new RoamingPeer(this, scenario, true);
        b = new RoamingPeer(this, scenario, false);
    }

    /** Connects the peers and lets everything happen that the scenario has. */
    void run() {
        a.start();
        b.start();
        time.after(0, this::data);
        for (Step step : scenario.steps()) {
            time.after(step.atMillis(), () -> begin(step));
            time.after(step.endMillis(), () -> end(step));
        }
        time.after(4_000, () -> isSignaling = scenario.hasSignaling());
        runFor(scenario.endMillis());
    }

    /** Goes on for so long. */
    void runFor(long millis) {
        long end = time.nowNanos() + millis * MILLI;
        while (time.nowNanos() < end) {
            time.step(Math.min(Math.min(a.deadlineNanos(), b.deadlineNanos()), end));
            a.advance();
            b.advance();
        }
    }

    VirtualTime time() {
        return time;
    }

    RoamingPeer other(RoamingPeer peer) {
        return peer == a ? b : a;
    }

    /** Sends a STUN message into the network, which may lose and delay it. */
    void send(RoamingPeer from, StunMessage message, InetSocketAddress base, InetSocketAddress destination) {
        source(from, base, destination)
                .filter(source -> !isLost())
                .ifPresent(source -> time.after(
                        delayMillis() * (from.isRelay(base) ? 2 : 1), () -> arrive(message, source, destination)));
    }

    /** Where a datagram of data over this pair of a peer's would come out, if anywhere. */
    Optional<Arrival> route(RoamingPeer from, CandidatePair pair) {
        return source(from, pair.base(), pair.remoteAddress()).flatMap(source -> arrival(source, pair.remoteAddress()));
    }

    /** Whether these networks allow the peers a way that any checks can find now, with someone to tell them of it. */
    boolean isReachable(boolean isDirectOnly) {
        boolean isDirect = !isDirectCut
                && a.host().ways().stream()
                        .anyMatch(one -> b.host().ways().stream().anyMatch(one::canReach));
        boolean areBothOnline = !a.host().ways().isEmpty() && !b.host().ways().isEmpty();
        return isDirect || (!isDirectOnly && areBothOnline && (a.hasRelay() || b.hasRelay()));
    }

    /** A peer has heard nothing for so long. */
    void silent(long millis) {
        if (!silences.isEmpty()) {
            Silence last = silences.get(silences.size() - 1);
            last.millis = Math.max(last.millis, millis);
        }
    }

    /** Whether a pair that was kept valid on both sides would carry data now. */
    private boolean hasOtherWay() {
        return a.valid().stream()
                .anyMatch(pair -> route(a, pair)
                        .filter(there -> b.valid().stream()
                                .anyMatch(back -> back.base().equals(there.base())
                                        && back.remoteAddress().equals(there.source())
                                        && route(b, back).isPresent()))
                        .isPresent());
    }

    private void begin(Step step) {
        RoamingPeer peer = step.isA() ? a : b;
        switch (step.what()) {
            case ROAM -> peer.roam();
            case BOTH_ROAM -> {
                peer.roam();
                time.after(random.nextInt(80), other(peer)::roam);
            }
            case FLAP -> peer.down(true);
            case REBIND -> peer.host().forget();
            case CUT -> peer.host().cut(true);
            case DIRECT_CUT -> isDirectCut = true;
            case SECOND -> peer.toggleSecond();
            case JUNK -> peer.hearJunk();
        }
        silences.add(new Silence(step, hasOtherWay(), !a.isHearing() || !b.isHearing()));
    }

    private void end(Step step) {
        silences.get(silences.size() - 1).isEnded = true;
        RoamingPeer peer = step.isA() ? a : b;
        switch (step.what()) {
            case FLAP -> peer.down(false);
            case CUT -> peer.host().cut(false);
            case DIRECT_CUT -> isDirectCut = false;
            default -> {
                // It has happened at once.
            }
        }
    }

    private void data() {
        unreachableMillis = isReachable(false) ? 0 : unreachableMillis + DATA_MILLIS;
        longestUnreachableMillis = Math.max(longestUnreachableMillis, unreachableMillis);
        silences.stream()
                .filter(silence -> silence.isEnded)
                .reduce((first, last) -> last)
                .ifPresent(last -> last.isEverUnreachable |= unreachableMillis > 0);
        for (RoamingPeer from : List.of(a, b)) {
            from.watch();
            from.selected()
                    .flatMap(pair -> route(from, pair))
                    .filter(arrival -> arrival.peer() == other(from) && !isLost())
                    .filter(arrival -> arrival.peer().trusts(arrival.base(), arrival.source()))
                    .ifPresent(arrival -> {
                        int said = from.saidInBand();
                        time.after(delayMillis(), () -> arrival.peer().receiveData(said));
                    });
        }
        time.after(DATA_MILLIS, this::data);
    }

    private Optional<InetSocketAddress> source(
            RoamingPeer from, InetSocketAddress base, InetSocketAddress destination) {
        return from.isRelay(base) ? from.leaveRelay(destination) : from.host().leave(base, destination);
    }

    private void arrive(StunMessage message, InetSocketAddress source, InetSocketAddress destination) {
        if (destination.equals(STUN_SERVER)) {
            answer(message, source);
        } else {
            arrival(source, destination)
                    .ifPresent(arrival -> arrival.peer().receive(message, arrival.base(), arrival.source()));
        }
    }

    private void answer(StunMessage request, InetSocketAddress source) {
        if (request.messageClass() == StunClass.REQUEST && !isLost()) {
            StunMessage response = StunMessage.success(request)
                    .add(new StunAttribute.XorMappedAddress(source))
                    .build();
            time.after(delayMillis(), () -> arrive(response, STUN_SERVER, source));
        }
    }

    private Optional<Arrival> arrival(InetSocketAddress source, InetSocketAddress destination) {
        for (RoamingPeer peer : List.of(a, b)) {
            if (peer.isRelay(destination)) {
                return peer.entersRelay(source)
                        ? Optional.of(new Arrival(peer, destination, source))
                        : Optional.empty();
            }
            Optional<InetSocketAddress> base = peer.host().takes(source, destination);
            if (base.isPresent()) {
                boolean isThrough = !isDirectCut || !other(peer).isAt(source);
                return base.filter(one -> isThrough).map(one -> new Arrival(peer, one, source));
            }
        }
        return Optional.empty();
    }

    private boolean isLost() {
        return random.nextInt(100) < scenario.lossPercent();
    }

    private long delayMillis() {
        return (long) scenario.oneWayMillis()
                + (scenario.jitterMillis() == 0 ? 0 : random.nextInt(scenario.jitterMillis()));
    }
}
