package dev.floe.ice.simulation;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentOutput;
import dev.floe.ice.agent.GatherPlan;
import dev.floe.ice.agent.IceAgent;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** An agent on a host of the virtual network, watched for what it must never do. */
final class VirtualPeer {

    private static final InetSocketAddress BASE = new InetSocketAddress("::", 5000);

    private final VirtualNetwork network;
    private final List<InetSocketAddress> hosts;
    private final IceAgent agent;
    private final Set<InetSocketAddress> named = new HashSet<>();
    private final List<IceEvent> events = new ArrayList<>();
    private long lastRequestNanos = -1;
    private boolean isRemoteKnown;

    int earlyChecks;
    int switchedByRequest;
    int switchedBy487;

    VirtualPeer(VirtualNetwork network, List<InetSocketAddress> hosts, IceRole role, boolean isPlain, long seed) {
        this.network = network;
        this.hosts = hosts;
        IceConfig config = IceConfig.of(role, List.of(VirtualNetwork.STUN_SERVER));
        agent = new IceAgent(
                isPlain ? config.withOptions(Set.of()) : config, new SplittableRandom(seed), network.nowNanos());
        named.add(VirtualNetwork.STUN_SERVER);
    }

    void start() {
        agent.gather(new GatherPlan(hosts, BASE, List.of(VirtualNetwork.STUN_SERVER)), network.nowNanos());
        drain();
    }

    void describe(IceDescription remote) {
        isRemoteKnown = true;
        remote.candidates().forEach(candidate -> named.add(candidate.address()));
        agent.setRemoteDescription(remote, network.nowNanos());
        drain();
    }

    void receive(StunMessage message, InetSocketAddress sender) {
        if (message.messageClass() == StunClass.REQUEST) {
            named.add(sender);
            earlyChecks += isRemoteKnown ? 0 : 1;
        }
        IceRole before = agent.role();
        agent.receive(message, BASE, sender, network.nowNanos());
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

    boolean hosts(InetSocketAddress address) {
        return hosts.contains(address);
    }

    InetSocketAddress sourceTowards(InetSocketAddress destination) {
        return hosts.stream()
                .filter(host ->
                        host.getAddress().getClass() == destination.getAddress().getClass())
                .findFirst()
                .orElse(null);
    }

    boolean isGathered() {
        return events.contains(new IceEvent.GatheringCompleted());
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

    IceDescription description() {
        return agent.localDescription();
    }

    List<IceEvent> events() {
        return events;
    }

    boolean trusts(InetSocketAddress sender) {
        return agent.isAuthenticated(BASE, sender);
    }

    private void drain() {
        for (AgentOutput output = agent.poll(); output != null; output = agent.poll()) {
            if (output instanceof AgentOutput.Transmit transmit) {
                inspect(transmit);
                network.send(this, transmit.message(), transmit.destination());
            } else if (output instanceof AgentOutput.Notify notify) {
                events.add(notify.event());
            }
        }
    }

    private void inspect(AgentOutput.Transmit transmit) {
        if (!named.contains(transmit.destination())) {
            throw new AssertionError("sent to " + transmit.destination() + ", which nobody named");
        }
        if (transmit.message().messageClass() == StunClass.REQUEST) {
            long since = network.nowNanos() - lastRequestNanos;
            if (lastRequestNanos >= 0 && since < network.pacingNanos(isRemoteKnown)) {
                throw new AssertionError("a request only " + since + " ns after the one before");
            }
            lastRequestNanos = network.nowNanos();
        }
    }
}
