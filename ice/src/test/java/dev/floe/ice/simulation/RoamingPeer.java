package dev.floe.ice.simulation;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairState;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentOutput;
import dev.floe.ice.agent.GatherPlan;
import dev.floe.ice.agent.IceAgent;
import dev.floe.ice.simulation.RoamingScenario.Relay;
import dev.floe.ice.simulation.RoamingScenario.Side;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A Floe peer that roams: its agent, its host, its relay, and what the layers above would do with it. */
final class RoamingPeer {

    private static final InetSocketAddress TURN_SERVER = new InetSocketAddress(VirtualRelay.SERVER, 3478);
    private static final InetAddress VICTIM = new InetSocketAddress("192.88.99.1", 0).getAddress();
    private static final int SILENCE_MILLIS = 150;
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int BUDGET = 50;

    private final RoamingNetwork network;
    private final RoamingScenario scenario;
    private final boolean isA;
    private final Side side;
    private final RoamingHost host;
    private final IceAgent agent;
    private final SplittableRandom random;
    private final Set<InetSocketAddress> named = new HashSet<>(Set.of(RoamingNetwork.STUN_SERVER));
    private final Set<InetAddress> heard = new HashSet<>(Set.of(RoamingNetwork.STUN_SERVER.getAddress()));
    private final Map<InetAddress, Deque<Long>> asked = new HashMap<>();
    private final List<Consumer<RoamingPeer>> inBand = new ArrayList<>();
    private final List<IceEvent> events = new ArrayList<>();
    private VirtualRelay relay;
    private long relayOpensNanos;
    private int relays;
    private int heardInBand;
    private long lastSignalMillis;
    private long lastDataMillis = -1;
    private long deadlineNanos;
    private boolean isRekeyed;

    int requests;
    String end = "";

    RoamingPeer(RoamingNetwork network, RoamingScenario scenario, boolean isA) {
        this.network = network;
        this.scenario = scenario;
        this.isA = isA;
        side = isA ? scenario.a() : scenario.b();
        host = new RoamingHost(side, isA ? 1 : 2);
        random = new SplittableRandom(scenario.seed() * 2 + (isA ? 0 : 1));
        IceConfig config = IceConfig.builder(isA ? IceRole.CONTROLLING : IceRole.CONTROLLED)
                .gatherTimeout(Duration.ofSeconds(2))
                .build();
        agent = new IceAgent(config, random.split(), network.time().nowNanos());
    }

    void start() {
        IceDescription local = agent.localDescription();
        signal(peer -> peer.agent.setRemoteDescription(local, peer.now()));
        agent.gather(plan(hasRelay() ? 1 : 0), now());
        allocate();
        drain();
    }

    void receive(StunMessage message, InetSocketAddress base, InetSocketAddress sender) {
        named.add(sender);
        heard.add(sender.getAddress());
        agent.receive(message, base, sender, now());
        drain();
    }

    void advance() {
        if (deadlineNanos <= now()) {
            agent.advance(now());
            drain();
            if (deadlineNanos <= now()) {
                throw new AssertionError("the agent's deadline does not move on");
            }
        }
    }

    // --- what happens to the host

    void roam() {
        host.roam();
        networkChanged();
    }

    void down(boolean isDown) {
        host.down(isDown);
        networkChanged();
    }

    void toggleSecond() {
        host.toggleSecond();
        networkChanged();
    }

    /** Whoever has got hold of the signaling server names a host that is none of the other side's. */
    void hearJunk() {
        String fragment =
                network.other(this).agent.localDescription().credentials().usernameFragment();
        for (int port = 1; port <= 50; port++) {
            InetSocketAddress address = new InetSocketAddress(VICTIM, 1_000 + port);
            named.add(address);
            agent.addRemoteCandidate(
                    new Candidate(
                            "junk" + port,
                            Candidate.priority(CandidateType.HOST, port),
                            address,
                            CandidateType.HOST,
                            null),
                    fragment,
                    now());
        }
        drain();
    }

    // --- data

    /** What the path layer does every few milliseconds: it minds the silence. */
    void watch() {
        long silence = network.time().nowMillis() - lastDataMillis;
        if (lastDataMillis >= 0 && !isOver() && silence > SILENCE_MILLIS + scenario.roundTripMillis()) {
            agent.suspect(now());
            drain();
        }
    }

    /** Whether data comes in. */
    boolean isHearing() {
        return network.time().nowMillis() - lastDataMillis < SILENCE_MILLIS + scenario.roundTripMillis();
    }

    /** How much this side has said in-band so far; a datagram of data carries all of it that the other lacks. */
    int saidInBand() {
        return inBand.size();
    }

    void receiveData(int said) {
        if (isOver()) {
            return;
        }
        long millis = network.time().nowMillis();
        if (lastDataMillis >= 0) {
            network.silent(millis - lastDataMillis);
        }
        lastDataMillis = millis;
        for (; heardInBand < said; heardInBand++) {
            network.other(this).inBand.get(heardInBand).accept(this);
        }
        if (!isRekeyed) {
            isRekeyed = true;
            IceCredentials fresh = agent.newCredentials();
            inBand.add(peer -> peer.agent.remoteCredentials(fresh, peer.now()));
        }
        drain();
    }

    // --- the relay

    boolean hasRelay() {
        return side.relay() != Relay.NONE;
    }

    boolean isRelay(InetSocketAddress base) {
        return relay != null && relay.relayed().equals(base);
    }

    /** What the network sees as the source of what goes out through the relay. */
    Optional<InetSocketAddress> leaveRelay(InetSocketAddress destination) {
        if (!host.isOnline() || now() < relayOpensNanos) {
            return Optional.empty();
        }
        relay.permit(destination.getAddress());
        return Optional.of(relay.relayed());
    }

    boolean entersRelay(InetSocketAddress source) {
        return host.isOnline() && now() >= relayOpensNanos && relay.lets(source.getAddress());
    }

    // --- what came of it

    RoamingHost host() {
        return host;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    IceState state() {
        return agent.state();
    }

    Optional<CandidatePair> selected() {
        return isOver() ? Optional.empty() : agent.selectedPair();
    }

    /** The pairs that are known to work. */
    List<CandidatePair> valid() {
        return agent.stats().stream()
                .filter(stats -> stats.state() == CandidatePairState.SUCCEEDED)
                .map(CandidatePairStats::pair)
                .toList();
    }

    boolean isOver() {
        return agent.state() == IceState.FAILED || agent.state() == IceState.CLOSED;
    }

    boolean trusts(InetSocketAddress base, InetSocketAddress sender) {
        return agent.isAuthenticated(base, sender);
    }

    /** Whether this is an address of the host itself, not of its relay. */
    boolean isAt(InetSocketAddress address) {
        return !isRelay(address) && !address.equals(RoamingNetwork.STUN_SERVER);
    }

    int pairs() {
        return agent.stats().size();
    }

    <E extends IceEvent> long count(Class<E> kind) {
        return events.stream().filter(kind::isInstance).count();
    }

    List<IceEvent> events() {
        return events;
    }

    void close() {
        agent.close();
        drain();
    }

    private void networkChanged() {
        // The watch looks every 50 ms.
        network.time().after(random.nextInt(60), () -> {
            if (!isOver()) {
                agent.networkChanged(plan(0), now());
                moveRelay();
                drain();
            }
        });
    }

    private GatherPlan plan(int relays) {
        return new GatherPlan(host.hosts(), List.of(RoamingNetwork.STUN_SERVER), relays, Map.of());
    }

    private void moveRelay() {
        if (relay == null || !host.isOnline()) {
            return;
        }
        relayOpensNanos = IceAgent.NEVER;
        long refreshedMillis = scenario.roundTripMillis();
        if (side.relay() == Relay.MOBILE) {
            network.time().after(refreshedMillis, () -> relayOpensNanos = now());
        } else {
            network.time().after(refreshedMillis, () -> {
                if (relay != null) {
                    agent.relayLost(allocation(), TURN_SERVER, "lost", now());
                    relay = null;
                    allocate();
                    drain();
                }
            });
        }
    }

    private void allocate() {
        if (!hasRelay()) {
            return;
        }
        network.time().after(3 * scenario.roundTripMillis(), () -> {
            if (relay == null && host.isOnline() && !isOver()) {
                relay = new VirtualRelay(50_000 + (isA ? 0 : 1_000) + ++relays, true);
                relayOpensNanos = now();
                agent.addRelayed(allocation(), TurnTransport.UDP, now());
                drain();
            } else if (relay == null && !isOver()) {
                allocate();
            }
        });
    }

    private TurnAllocation allocation() {
        InetSocketAddress mapped =
                host.leave(RoamingHost.WILDCARD, TURN_SERVER).orElse(new InetSocketAddress("203.0.113.99", 9));
        return new TurnAllocation(TURN_SERVER, List.of(relay.relayed()), mapped);
    }

    private void drain() {
        for (AgentOutput output = agent.poll(); output != null; output = agent.poll()) {
            if (output instanceof AgentOutput.Transmit transmit) {
                inspect(transmit);
                network.send(this, transmit.message(), transmit.base(), transmit.destination());
            } else if (output instanceof AgentOutput.Notify notify) {
                events.add(notify.event());
                on(notify.event());
            }
        }
        deadlineNanos = agent.deadlineNanos();
    }

    private void on(IceEvent event) {
        if (event instanceof IceEvent.LocalCandidateAdded added) {
            String fragment = agent.localDescription().credentials().usernameFragment();
            say(peer -> peer.learn(added.candidate(), fragment));
        } else if (event instanceof IceEvent.GatheringCompleted) {
            say(peer -> peer.agent.endOfRemoteCandidates(peer.now()));
        } else if (event instanceof IceEvent.SessionFailed failed) {
            end = failed.reason().name();
        }
    }

    private void learn(Candidate candidate, String fragment) {
        named.add(candidate.address());
        agent.addRemoteCandidate(candidate, fragment, now());
    }

    /** Both ways: in-band, as soon as data passes, and over signaling, as long as that lives. */
    private void say(Consumer<RoamingPeer> what) {
        inBand.add(what);
        signal(what);
    }

    private void signal(Consumer<RoamingPeer> what) {
        long millis = network.time().nowMillis();
        lastSignalMillis = Math.max(lastSignalMillis, millis + scenario.signalMillis());
        network.time().after(lastSignalMillis - millis, () -> deliver(what));
    }

    // The client reconnects when its network is there again, and says what it had not been able to say.
    private void deliver(Consumer<RoamingPeer> what) {
        RoamingPeer peer = network.other(this);
        if (!network.isSignaling || isOver() || peer.isOver()) {
            return;
        }
        if (host.ways().isEmpty() || peer.host.ways().isEmpty()) {
            network.time().after(300, () -> deliver(what));
        } else {
            what.accept(peer);
            peer.drain();
        }
    }

    private void inspect(AgentOutput.Transmit transmit) {
        if (!named.contains(transmit.destination())) {
            throw new AssertionError("sent to " + transmit.destination() + ", which nobody named");
        }
        if (transmit.message().messageClass() == StunClass.REQUEST) {
            InetAddress address = transmit.destination().getAddress();
            requests += address.equals(VICTIM) ? 0 : 1;
            if (!heard.contains(address)) {
                Deque<Long> lately = asked.computeIfAbsent(address, key -> new ArrayDeque<>());
                lately.removeIf(at -> at <= now() - SECOND_NANOS);
                lately.add(now());
                if (lately.size() > BUDGET) {
                    throw new AssertionError(lately.size() + " requests in a second to " + address);
                }
            }
        }
    }

    private long now() {
        return network.time().nowNanos();
    }
}
