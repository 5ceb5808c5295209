package dev.floe.ice.simulation;

import dev.floe.ice.IceDescription;
import dev.floe.ice.IceState;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Two agents, each behind a NAT, a STUN server and a signaling server, under virtual time. */
final class VirtualNetwork {

    static final InetSocketAddress STUN_SERVER = new InetSocketAddress("198.51.100.1", 3478);

    private static final long MILLI = 1_000_000;

    private final Scenario scenario;
    private final SplittableRandom random;
    private final PriorityQueue<Delivery> deliveries =
            new PriorityQueue<>(Comparator.comparingLong(Delivery::atNanos).thenComparingLong(Delivery::number));
    private final VirtualNat natA;
    private final VirtualNat natB;
    private long nowNanos;
    private long number;
    private long lastArrivalOrder = -1;

    final VirtualPeer a;
    final VirtualPeer b;
    int lost;
    int reordered;

    private record Delivery(long atNanos, long number, Runnable action) {}

    VirtualNetwork(Scenario scenario) {
        this.scenario = scenario;
        random = new SplittableRandom(scenario.seed() * 31 + 7);
        natA = new VirtualNat(scenario.natA(), address("203.0.113.1"));
        natB = new VirtualNat(scenario.natB(), address("203.0.113.2"));
        a = new VirtualPeer(
                this,
                hosts(scenario.natA(), natA, "10.0.0.2", "2001:db8:a::2"),
                scenario.roleA(),
                scenario.isPlainA(),
                scenario.seed() * 2);
        b = new VirtualPeer(
                this,
                hosts(scenario.natB(), natB, "10.1.0.2", "2001:db8:b::2"),
                scenario.roleB(),
                scenario.isPlainB(),
                scenario.seed() * 2 + 1);
    }

    long nowNanos() {
        return nowNanos;
    }

    long pacingNanos(boolean isRemoteKnown) {
        return isRemoteKnown ? scenario.pacingNanos() : 5 * MILLI;
    }

    /** Starts both sides and runs until both are done or {@code limitMillis} have passed. */
    void run(long limitMillis) {
        a.start();
        b.start();
        boolean aDescribed = false;
        boolean bDescribed = false;
        while (nowNanos < limitMillis * MILLI && !(isDone(a) && isDone(b))) {
            if (!aDescribed && a.isGathered()) {
                aDescribed = true;
                signal(a.description(), b, scenario.signalAToB());
            }
            if (!bDescribed && b.isGathered()) {
                bDescribed = true;
                signal(b.description(), a, scenario.signalBToA());
            }
            step(limitMillis * MILLI);
        }
    }

    /** Goes on for so long. */
    void runFor(long millis) {
        long end = nowNanos + millis * MILLI;
        while (nowNanos < end) {
            step(end);
        }
    }

    /** Sends a STUN message into the network, which may lose, delay or double it. */
    void send(VirtualPeer from, StunMessage message, InetSocketAddress destination) {
        InetSocketAddress source = leave(from, destination);
        if (source == null) {
            return;
        }
        if (random.nextInt(100) < scenario.lossPercent()) {
            lost++;
            return;
        }
        int copies = random.nextInt(100) < scenario.duplicatePercent() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long order = number;
            after(delayNanos(), () -> arrive(message, source, destination, order));
        }
    }

    /** Where a datagram of data from one peer's selected pair would come out, and from which address. */
    Optional<InetSocketAddress> route(VirtualPeer from, VirtualPeer to) {
        InetSocketAddress destination = from.selected().remoteAddress();
        InetSocketAddress source = leave(from, destination);
        boolean isThere =
                source != null && inside(source, destination).filter(to::hosts).isPresent();
        return isThere ? Optional.of(source) : Optional.empty();
    }

    private void signal(IceDescription description, VirtualPeer to, int millis) {
        after(millis * MILLI, () -> to.describe(description));
    }

    private void step(long limitNanos) {
        long next = Math.min(Math.min(a.deadlineNanos(), b.deadlineNanos()), limitNanos);
        if (!deliveries.isEmpty() && deliveries.peek().atNanos() <= next) {
            Delivery delivery = deliveries.poll();
            nowNanos = Math.max(nowNanos, delivery.atNanos());
            delivery.action().run();
        } else {
            nowNanos = Math.max(nowNanos, next);
        }
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
        inside(source, destination).ifPresent(host -> (a.hosts(host) ? a : b).receive(message, source));
    }

    private void answer(StunMessage request, InetSocketAddress source) {
        if (request.messageClass() == StunClass.REQUEST && random.nextInt(100) >= scenario.lossPercent()) {
            StunMessage response = StunMessage.success(request)
                    .add(new StunAttribute.XorMappedAddress(source))
                    .build();
            long order = number;
            after(delayNanos(), () -> arrive(response, STUN_SERVER, source, order));
        }
    }

    private InetSocketAddress leave(VirtualPeer from, InetSocketAddress destination) {
        InetSocketAddress source = from.sourceTowards(destination);
        if (source == null || !isBehindNat(source)) {
            return source;
        }
        return (from == a ? natA : natB).outbound(source, destination);
    }

    /** The host's own address at which a datagram arrives, or empty if nothing takes it there. */
    private Optional<InetSocketAddress> inside(InetSocketAddress source, InetSocketAddress destination) {
        for (VirtualNat nat : List.of(natA, natB)) {
            if (destination.getAddress().equals(nat.publicAddress())) {
                Optional<InetSocketAddress> host = nat.inbound(destination.getPort(), source);
                return host.isPresent() ? host : Optional.of(destination).filter(d -> a.hosts(d) || b.hosts(d));
            }
        }
        return Optional.of(destination).filter(d -> !isBehindNat(d) && (a.hosts(d) || b.hosts(d)));
    }

    private void after(long delayNanos, Runnable action) {
        deliveries.add(new Delivery(nowNanos + delayNanos, number++, action));
    }

    private long delayNanos() {
        int jitter = scenario.jitterMillis() == 0 ? 0 : random.nextInt(scenario.jitterMillis());
        return (scenario.oneWayMillis() + jitter) * MILLI;
    }

    private List<InetSocketAddress> hosts(NatKind kind, VirtualNat nat, String inside, String ipv6) {
        List<InetSocketAddress> hosts = new ArrayList<>();
        if (scenario.isDualStack()) {
            hosts.add(new InetSocketAddress(address(ipv6), 5000));
        }
        hosts.add(new InetSocketAddress(kind == NatKind.NONE ? nat.publicAddress() : address(inside), 5000));
        return hosts;
    }

    private static boolean isBehindNat(InetSocketAddress address) {
        return address.getAddress().isSiteLocalAddress();
    }

    private static boolean isDone(VirtualPeer peer) {
        return peer.state() == IceState.COMPLETED || peer.state() == IceState.FAILED;
    }

    private static InetAddress address(String literal) {
        return new InetSocketAddress(literal, 0).getAddress();
    }
}
