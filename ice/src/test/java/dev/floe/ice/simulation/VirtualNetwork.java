package dev.floe.ice.simulation;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceState;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Two agents, each behind its network, a STUN and a TURN server, and a way to signal, under virtual time. */
final class VirtualNetwork {

    static final InetSocketAddress STUN_SERVER = new InetSocketAddress("198.51.100.1", 3478);

    private static final long MILLI = 1_000_000;

    private final Scenario scenario;
    private final SplittableRandom random;
    private final VirtualTime time = new VirtualTime();
    private long lastArrivalOrder = -1;

    final VirtualPeer a;
    final VirtualPeer b;
    int lost;
    int reordered;
    int doubled;
    int restartedWhileChecking;
    int restartedWhileConnected;

    /** Where a datagram comes out: at whom, at which of its bases, and from which address. */
    record Arrival(VirtualPeer peer, InetSocketAddress base, InetSocketAddress source) {}

    VirtualNetwork(Scenario scenario) {
        this.scenario = scenario;
        random = new SplittableRandom(scenario.seed() * 31 + 7);
        a = new VirtualPeer(this, scenario, true);
        b = new VirtualPeer(this, scenario, false);
    }

    long nowNanos() {
        return time.nowNanos();
    }

    VirtualPeer other(VirtualPeer peer) {
        return peer == a ? b : a;
    }

    /** Starts both sides and runs until both are done, restarts included, or {@code limitMillis} have passed. */
    void run(long limitMillis) {
        a.start();
        b.start();
        restartInTime(a, scenario.a().restartMillis());
        restartInTime(b, scenario.b().restartMillis());
        long least = Math.max(scenario.a().restartMillis(), scenario.b().restartMillis()) * MILLI;
        while (nowNanos() < limitMillis * MILLI && !(nowNanos() > least && isDone(a) && isDone(b))) {
            step(limitMillis * MILLI);
        }
    }

    /** Goes on for so long. */
    void runFor(long millis) {
        long end = nowNanos() + millis * MILLI;
        while (nowNanos() < end) {
            step(end);
        }
    }

    void after(long millis, Runnable action) {
        time.after(millis, action);
    }

    /** About how long it takes to a server and back. */
    long roundTripMillis() {
        return 2L * scenario.oneWayMillis();
    }

    /** Sends a STUN message into the network, which may lose, delay or double it. */
    void send(VirtualPeer from, StunMessage message, InetSocketAddress base, InetSocketAddress destination) {
        Optional<VirtualRelay> relay = from.host().relayAt(base);
        relay.ifPresent(own -> own.permit(destination.getAddress()));
        Optional<InetSocketAddress> source =
                relay.map(VirtualRelay::relayed).or(() -> from.host().leave(destination));
        if (source.isEmpty()
                || isLost()
                || (relay.filter(VirtualRelay::isOverUdp).isPresent() && isLost())) {
            return;
        }
        int copies = random.nextInt(100) < scenario.duplicatePercent() ? 2 : 1;
        doubled += copies - 1;
        for (int i = 0; i < copies; i++) {
            long order = time.planned();
            long delay = delayMillis() + (relay.isPresent() ? delayMillis() : 0);
            after(delay, () -> arrive(message, source.get(), destination, order));
        }
    }

    /** Where a datagram of data over this pair of a peer's would come out, if anywhere. */
    Optional<Arrival> route(VirtualPeer from, CandidatePair pair) {
        Optional<VirtualRelay> relay = from.host().relayAt(pair.base());
        relay.ifPresent(own -> own.permit(pair.remoteAddress().getAddress()));
        return relay.map(VirtualRelay::relayed)
                .or(() -> from.host().leave(pair.remoteAddress()))
                .flatMap(source -> arrival(source, pair.remoteAddress()));
    }

    private void restartInTime(VirtualPeer peer, int millis) {
        if (millis >= 0) {
            after(millis, () -> {
                restartedWhileConnected += peer.state() == IceState.COMPLETED ? 1 : 0;
                restartedWhileChecking += peer.state() == IceState.CHECKING ? 1 : 0;
                peer.restart();
            });
        }
    }

    private void step(long limitNanos) {
        time.step(Math.min(Math.min(a.deadlineNanos(), b.deadlineNanos()), limitNanos));
        a.advance();
        b.advance();
    }

    private void arrive(StunMessage message, InetSocketAddress source, InetSocketAddress destination, long order) {
        reordered += order < lastArrivalOrder ? 1 : 0;
        lastArrivalOrder = Math.max(order, lastArrivalOrder);
        if (destination.equals(STUN_SERVER)) {
            answer(message, source);
            return;
        }
        arrival(source, destination).ifPresent(arrival -> {
            Optional<VirtualRelay> relay = arrival.peer().host().relayAt(arrival.base());
            if (relay.isEmpty()) {
                arrival.peer().receive(message, arrival.base(), source);
            } else if (!relay.get().isOverUdp() || !isLost()) {
                after(delayMillis(), () -> arrival.peer().receive(message, arrival.base(), source));
            }
        });
    }

    private void answer(StunMessage request, InetSocketAddress source) {
        if (request.messageClass() == StunClass.REQUEST && !isLost()) {
            StunMessage response = StunMessage.success(request)
                    .add(new StunAttribute.XorMappedAddress(source))
                    .build();
            long order = time.planned();
            after(delayMillis(), () -> arrive(response, STUN_SERVER, source, order));
        }
    }

    private Optional<Arrival> arrival(InetSocketAddress source, InetSocketAddress destination) {
        for (VirtualPeer peer : List.of(a, b)) {
            Optional<VirtualRelay> relay = peer.host().relayAt(destination);
            if (relay.isPresent()) {
                return relay.filter(one -> one.lets(source.getAddress()))
                        .map(one -> new Arrival(peer, one.relayed(), source));
            }
            if (peer.host().takes(source, destination)) {
                return Optional.of(new Arrival(peer, VirtualHost.WILDCARD, source));
            }
        }
        return Optional.empty();
    }

    private boolean isLost() {
        boolean isLost = random.nextInt(100) < scenario.lossPercent();
        lost += isLost ? 1 : 0;
        return isLost;
    }

    private long delayMillis() {
        return (long) scenario.oneWayMillis()
                + (scenario.jitterMillis() == 0 ? 0 : random.nextInt(scenario.jitterMillis()));
    }

    private static boolean isDone(VirtualPeer peer) {
        return peer.state() == IceState.COMPLETED || peer.state() == IceState.FAILED;
    }
}
