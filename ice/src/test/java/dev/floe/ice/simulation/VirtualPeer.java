package dev.floe.ice.simulation;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentOutput;
import dev.floe.ice.agent.GatherPlan;
import dev.floe.ice.agent.IceAgent;
import dev.floe.ice.simulation.Scenario.Kind;
import dev.floe.ice.simulation.Scenario.Relay;
import dev.floe.ice.simulation.Scenario.Side;
import dev.floe.ice.simulation.Scenario.Signaling;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** An agent on a host of the virtual network, watched for what it must never do. */
final class VirtualPeer {

    private static final int MAX_REQUESTS = 4_000;

    private final VirtualNetwork network;
    private final Scenario scenario;
    private final boolean isA;
    private final Side side;
    private final VirtualHost host;
    private final IceAgent agent;
    private final SplittableRandom random;
    private final Set<InetSocketAddress> named = new HashSet<>();
    private final List<IceEvent> events = new ArrayList<>();
    private long lastRequestNanos = -1;
    private long lastSignalMillis;
    private boolean isEverChecking;
    private boolean isEverSelected;
    private boolean isRemoteKnown;

    int requests;
    int earlyChecks;
    int switchedByRequest;
    int switchedBy487;
    int candidatesLost;

    VirtualPeer(VirtualNetwork network, Scenario scenario, boolean isA) {
        this.network = network;
        this.scenario = scenario;
        this.isA = isA;
        side = isA ? scenario.a() : scenario.b();
        host = new VirtualHost(side, isA ? 1 : 2);
        random = new SplittableRandom(scenario.seed() * 2 + (isA ? 0 : 1));
        agent = new IceAgent(config(), random.split(), network.nowNanos());
        named.add(VirtualNetwork.STUN_SERVER);
    }

    void start() {
        if (scenario.trickles(isA)) {
            tellBeginning();
        }
        gather();
    }

    void restart() {
        agent.restart(network.nowNanos());
        drain();
    }

    void receive(StunMessage message, InetSocketAddress base, InetSocketAddress sender) {
        if (message.messageClass() == StunClass.REQUEST) {
            named.add(sender);
            earlyChecks += isRemoteKnown ? 0 : 1;
        }
        IceRole before = agent.role();
        agent.receive(message, base, sender, network.nowNanos());
        if (agent.role() != before) {
            switchedByRequest += message.messageClass() == StunClass.REQUEST ? 1 : 0;
            switchedBy487 += message.messageClass() == StunClass.ERROR ? 1 : 0;
        }
        drain();
    }

    void advance() {
        if (agent.deadlineNanos() <= network.nowNanos()) {
            agent.advance(network.nowNanos());
            drain();
            if (agent.deadlineNanos() <= network.nowNanos()) {
                throw new AssertionError("the agent's deadline does not move on");
            }
        }
    }

    void close() {
        agent.close();
        drain();
    }

    VirtualHost host() {
        return host;
    }

    Side side() {
        return side;
    }

    long deadlineNanos() {
        return agent.deadlineNanos();
    }

    IceState state() {
        return agent.state();
    }

    IceRole role() {
        return agent.role();
    }

    CandidatePair selected() {
        return agent.selectedPair().orElse(null);
    }

    int pairs() {
        return agent.stats().size();
    }

    List<IceEvent> events() {
        return events;
    }

    /** Whether the agent has learned the address that the other side can reach it at, as far as it has one. */
    boolean knowsItself() {
        return side.nat() == NatKind.NONE
                || side.isUdpBlocked()
                || agent.localDescription().candidates().stream()
                        .anyMatch(candidate -> candidate.type() == CandidateType.SERVER_REFLEXIVE);
    }

    boolean trusts(InetSocketAddress base, InetSocketAddress sender) {
        return agent.isAuthenticated(base, sender);
    }

    private IceConfig config() {
        IceConfig.Builder config = IceConfig.builder(side.role())
                // Long enough for a reflexive address to be learned through much loss; trickle does not wait for it.
                .gatherTimeout(Duration.ofSeconds(scenario.trickles(isA) ? 8 : 2))
                .lite(side.kind() == Kind.LITE);
        return (side.kind() == Kind.BY_THE_BOOK ? config.options(Set.of()) : config).build();
    }

    private void gather() {
        boolean isLite = side.kind() == Kind.LITE;
        List<InetSocketAddress> servers = isLite ? List.of() : List.of(VirtualNetwork.STUN_SERVER);
        int relays = host.relay().isPresent() ? 1 : 0;
        agent.gather(
                new GatherPlan(host.addresses(), VirtualHost.WILDCARD, servers, relays, Map.of()), network.nowNanos());
        host.relay().ifPresent(relay -> network.after(3 * network.roundTripMillis(), () -> allocated(relay)));
        drain();
    }

    private void allocated(VirtualRelay relay) {
        InetSocketAddress server = new InetSocketAddress(VirtualRelay.SERVER, 3478);
        InetSocketAddress mapped = host.leave(server).orElse(new InetSocketAddress("203.0.113.99", 9));
        TurnTransport transport = side.relay() == Relay.UDP ? TurnTransport.UDP : TurnTransport.TCP;
        agent.addRelayed(new TurnAllocation(server, List.of(relay.relayed()), mapped), transport, network.nowNanos());
        drain();
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
        isEverChecking |= agent.state() == IceState.CHECKING;
        isEverSelected |= agent.selectedPair().isPresent();
        boolean isOver = agent.state() == IceState.FAILED || agent.state() == IceState.CLOSED;
        if (isEverSelected && !isOver && agent.selectedPair().isEmpty()) {
            throw new AssertionError("there was a pair in use and now there is none");
        }
    }

    private void on(IceEvent event) {
        if (event instanceof IceEvent.Restarted) {
            if (scenario.trickles(isA)) {
                tellBeginning();
            }
            gather();
        } else if (event instanceof IceEvent.GatheringCompleted) {
            if (!scenario.trickles(isA)) {
                tellBeginning();
            } else if (scenario.signaling() != Signaling.END_LOST) {
                tell(peer -> peer.agent.endOfRemoteCandidates(network.nowNanos()));
            }
        } else if (event instanceof IceEvent.LocalCandidateAdded added && scenario.trickles(isA)) {
            trickle(added.candidate());
        }
    }

    private void tellBeginning() {
        IceDescription local = agent.localDescription();
        tell(peer -> peer.describe(local));
    }

    private void trickle(Candidate candidate) {
        if (scenario.signaling() == Signaling.CANDIDATE_LOST && random.nextInt(3) == 0) {
            candidatesLost++;
            return;
        }
        String fragment = agent.localDescription().credentials().usernameFragment();
        for (int i = 0; i < (scenario.signaling() == Signaling.TWICE ? 2 : 1); i++) {
            tell(peer -> peer.learn(candidate, fragment));
        }
    }

    // Signaling is slow, but neither loses what is told nor changes the order of it.
    private void tell(Consumer<VirtualPeer> what) {
        long extra = scenario.signaling() == Signaling.LATE_TRICKLE ? random.nextInt(1_500) : 0;
        long now = network.nowNanos() / 1_000_000;
        lastSignalMillis = Math.max(lastSignalMillis, now + side.signalMillis() + extra);
        network.after(lastSignalMillis - now, () -> {
            VirtualPeer peer = network.other(this);
            what.accept(peer);
            peer.drain();
        });
    }

    private void describe(IceDescription remote) {
        isRemoteKnown = true;
        remote.candidates().forEach(candidate -> named.add(candidate.address()));
        agent.setRemoteDescription(remote, network.nowNanos());
    }

    private void learn(Candidate candidate, String fragment) {
        named.add(candidate.address());
        agent.addRemoteCandidate(candidate, fragment, network.nowNanos());
    }

    private void inspect(AgentOutput.Transmit transmit) {
        if (!named.contains(transmit.destination())) {
            throw new AssertionError("sent to " + transmit.destination() + ", which nobody named");
        }
        if (transmit.message().messageClass() == StunClass.REQUEST) {
            long since = network.nowNanos() - lastRequestNanos;
            long least = isEverChecking ? scenario.pacingNanos() : 5_000_000;
            if (lastRequestNanos >= 0 && since < least) {
                throw new AssertionError("a request only " + since + " ns after the one before");
            }
            lastRequestNanos = network.nowNanos();
            if (++requests > MAX_REQUESTS) {
                throw new AssertionError("more than " + MAX_REQUESTS + " requests");
            }
        }
    }
}
