package dev.floe.ice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** Feeds an agent under virtual time and keeps what comes out of it. Time passes in {@link #runFor} only. */
final class AgentDriver {

    static final InetSocketAddress BASE = ScriptedPeer.address("::", 5000);
    static final InetSocketAddress HOST = ScriptedPeer.address("192.0.2.10", 5000);

    private static final long START_NANOS = 1_000_000_000;

    final IceAgent agent;
    private final Set<String> remoteOptions;
    private final List<ScriptedPeer> peers = new ArrayList<>();

    /** The peer under the credentials that it had last. */
    ScriptedPeer peer;

    final List<Sent> sent = new ArrayList<>();
    final List<IceEvent> events = new ArrayList<>();

    /** Which requests the peer answers, at once and as they left. */
    Predicate<Sent> answered = request -> false;

    private final Set<InetSocketAddress> bases = new HashSet<>(Set.of(BASE));
    private long nowNanos = START_NANOS;

    /** What the agent has sent, and when. */
    record Sent(long atNanos, StunMessage message, InetSocketAddress base, InetSocketAddress destination) {

        long atMillis() {
            return (atNanos - START_NANOS) / 1_000_000;
        }

        boolean isRequest() {
            return message.messageClass() == StunClass.REQUEST;
        }

        boolean isTo(InetSocketAddress address) {
            return destination.equals(address);
        }

        boolean nominates() {
            return message.has(StunAttribute.UseCandidate.class);
        }
    }

    private AgentDriver(IceRole role, Set<String> options, Set<String> remoteOptions) {
        this(role, IceConfig.of(role, List.of()).withOptions(options), remoteOptions);
    }

    private AgentDriver(IceRole role, IceConfig config, Set<String> remoteOptions) {
        agent = new IceAgent(config, new SplittableRandom(1), 0);
        this.remoteOptions = remoteOptions;
        peer = new ScriptedPeer(role.opposite(), agent.localDescription().credentials(), remoteOptions);
        peers.add(peer);
    }

    /** Both sides are Floe. */
    static AgentDriver of(IceRole role) {
        return new AgentDriver(role, ScriptedPeer.FLOE, ScriptedPeer.FLOE);
    }

    /** Both sides are Floe, this one set up so. */
    static AgentDriver of(IceRole role, IceConfig config) {
        return new AgentDriver(role, config, ScriptedPeer.FLOE);
    }

    /** This side is set up so, and the other offers these options. */
    static AgentDriver of(IceRole role, IceConfig config, Set<String> remoteOptions) {
        return new AgentDriver(role, config, remoteOptions);
    }

    /** The other side offers nothing beyond RFC 8445. */
    static AgentDriver withPlainPeer(IceRole role) {
        return new AgentDriver(role, ScriptedPeer.FLOE, Set.of());
    }

    AgentDriver gather(InetSocketAddress... servers) {
        return gather(List.of(HOST), servers);
    }

    AgentDriver gather(List<InetSocketAddress> hosts, InetSocketAddress... servers) {
        return gather(new GatherPlan(hosts, BASE, List.of(servers)));
    }

    AgentDriver gather(GatherPlan plan) {
        plan.hosts().forEach(host -> bases.add(host.base()));
        agent.gather(plan, nowNanos);
        return drain();
    }

    AgentDriver networkChanged(GatherPlan plan) {
        plan.hosts().forEach(host -> bases.add(host.base()));
        agent.networkChanged(plan, nowNanos);
        return drain();
    }

    AgentDriver describe(Candidate... candidates) {
        agent.setRemoteDescription(peer.description(List.of(candidates)), nowNanos);
        return drain();
    }

    /** The peer takes new credentials, and knows the agent's newest; under its old ones it still answers. */
    AgentDriver renewPeer(String usernameFragment) {
        peer = new ScriptedPeer(
                agent.role().opposite(), agent.localDescription().credentials(), remoteOptions, usernameFragment);
        peers.add(peer);
        return this;
    }

    /** The agent takes fresh credentials, and the peer knows them; it keeps its own. */
    IceCredentials renewLocal(String usernameFragment) {
        IceCredentials fresh = agent.newCredentials();
        peer = new ScriptedPeer(agent.role().opposite(), fresh, remoteOptions, usernameFragment);
        peers.add(peer);
        return fresh;
    }

    /** The peer takes fresh credentials, and tells the agent in-band; it knows the agent's as before. */
    AgentDriver renewPeerInBand(String usernameFragment) {
        peer = peer.renewed(usernameFragment);
        peers.add(peer);
        agent.remoteCredentials(peer.credentials(), nowNanos);
        return drain();
    }

    AgentDriver restart() {
        agent.restart(nowNanos);
        return drain();
    }

    AgentDriver describe(IceDescription description) {
        agent.setRemoteDescription(description, nowNanos);
        return drain();
    }

    /** The start of a description that candidates follow. */
    AgentDriver begin(Candidate... candidates) {
        agent.setRemoteDescription(peer.beginning(List.of(candidates)), nowNanos);
        return drain();
    }

    AgentDriver trickle(Candidate candidate) {
        agent.addRemoteCandidate(candidate, nowNanos);
        return drain();
    }

    AgentDriver trickle(Candidate candidate, String usernameFragment) {
        agent.addRemoteCandidate(candidate, usernameFragment, nowNanos);
        return drain();
    }

    AgentDriver endOfRemoteCandidates() {
        agent.endOfRemoteCandidates(nowNanos);
        return drain();
    }

    AgentDriver receive(StunMessage message, InetSocketAddress sender) {
        return receive(message, BASE, sender);
    }

    AgentDriver receive(StunMessage message, InetSocketAddress base, InetSocketAddress sender) {
        agent.receive(message, base, sender, nowNanos);
        return drain();
    }

    /** The peer answers a request, over the way that it came. */
    AgentDriver answer(Sent request) {
        InetSocketAddress seenFrom = request.base().equals(BASE) ? HOST : request.base();
        StunMessage answer = addressed(request).orElseThrow().answer(request.message(), seenFrom);
        return receive(answer, request.base(), request.destination());
    }

    AgentDriver relay(TurnAllocation allocation, TurnTransport transport) {
        bases.addAll(allocation.relayed());
        agent.addRelayed(allocation, transport, nowNanos);
        return drain();
    }

    AgentDriver relayFailed(InetSocketAddress server, String reason) {
        agent.relayFailed(server, reason, nowNanos);
        return drain();
    }

    AgentDriver relayLost(TurnAllocation allocation) {
        agent.relayLost(allocation, allocation.server(), "lost", nowNanos);
        return drain();
    }

    AgentDriver suspect() {
        agent.suspect(nowNanos);
        return drain();
    }

    AgentDriver close() {
        agent.close();
        return drain();
    }

    /** Lets time pass; whatever falls due in it is done. */
    AgentDriver runFor(long millis) {
        return runUntil(nowNanos + millis * 1_000_000);
    }

    AgentDriver runUntil(long end) {
        while (agent.deadlineNanos() <= end) {
            nowNanos = Math.max(nowNanos, agent.deadlineNanos());
            agent.advance(nowNanos);
            drain();
            assertThat(agent.deadlineNanos())
                    .as("the deadline after advance, against now")
                    .isGreaterThan(nowNanos);
        }
        nowNanos = end;
        agent.advance(nowNanos);
        return drain();
    }

    long nowNanos() {
        return nowNanos;
    }

    long nowMillis() {
        return (nowNanos - START_NANOS) / 1_000_000;
    }

    List<Sent> requestsTo(InetSocketAddress destination) {
        return sent.stream()
                .filter(one -> one.isRequest() && one.isTo(destination))
                .toList();
    }

    Sent lastRequestTo(InetSocketAddress destination) {
        List<Sent> requests = requestsTo(destination);
        assertThat(requests).as("requests to %s", destination).isNotEmpty();
        return requests.get(requests.size() - 1);
    }

    /** The last message of this kind sent in answer to {@code request}. */
    StunMessage responseTo(StunMessage request) {
        return sent.stream()
                .map(Sent::message)
                .filter(message -> message.messageClass() != StunClass.REQUEST
                        && message.transactionId().equals(request.transactionId()))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("no response to " + request));
    }

    <E extends IceEvent> List<E> events(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    InetSocketAddress selected() {
        return agent.selectedPair()
                .orElseThrow(() -> new AssertionError("no pair is selected"))
                .remoteAddress();
    }

    private Optional<ScriptedPeer> addressed(Sent request) {
        return peers.stream()
                .filter(one -> one.isAddressedBy(request.message()))
                .findFirst();
    }

    private AgentDriver drain() {
        List<Sent> toAnswer = new ArrayList<>();
        for (AgentOutput output = agent.poll(); output != null; output = agent.poll()) {
            if (output instanceof AgentOutput.Transmit transmit) {
                assertThat(bases).contains(transmit.base());
                Sent one = new Sent(nowNanos, transmit.message(), transmit.base(), transmit.destination());
                sent.add(one);
                toAnswer.add(one);
            } else if (output instanceof AgentOutput.Notify notify) {
                events.add(notify.event());
            }
        }
        toAnswer.stream()
                .filter(one ->
                        one.isRequest() && answered.test(one) && addressed(one).isPresent())
                .forEach(this::answer);
        return this;
    }
}
