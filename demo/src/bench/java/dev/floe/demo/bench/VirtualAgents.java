package dev.floe.demo.bench;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.agent.AgentOutput;
import dev.floe.ice.agent.GatherPlan;
import dev.floe.ice.agent.IceAgent;
import dev.floe.stun.StunMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Two agents and the networks between them, under virtual time: each host address of the one reaches the one of the same
 * place of the other, in 10 ms, and nothing else does. So what is measured is what the agents themselves take.
 */
final class VirtualAgents {

    private static final int PORT = 5_000;
    private static final long WAY_NANOS = Duration.ofMillis(10).toNanos();

    private record Datagram(Agent to, StunMessage message, InetSocketAddress base, InetSocketAddress sender, long atNanos) {}

    /** One side. */
    private final class Agent {
        private final int number;
        private final IceAgent ice;
        private Agent other;
        private long deadlineNanos;

        Agent(int number, IceRole role) {
            this.number = number;
            ice = new IceAgent(IceConfig.of(role, List.of()), new SplittableRandom(number), nowNanos);
        }

        InetSocketAddress host(int place) {
            byte[] bytes = {10, (byte) number, (byte) (place >> 8), (byte) place};
            try {
                return new InetSocketAddress(InetAddress.getByAddress(bytes), PORT);
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }

        void advance() {
            if (deadlineNanos <= nowNanos) {
                ice.advance(nowNanos);
                drain();
            }
        }

        void drain() {
            for (AgentOutput output = ice.poll(); output != null; output = ice.poll()) {
                if (output instanceof AgentOutput.Transmit transmit) {
                    send(transmit);
                } else if (output instanceof AgentOutput.Notify notify
                        && notify.event() instanceof IceEvent.PairNominated
                        && connectedNanos == 0
                        && isConnected()) {
                    connectedNanos = nowNanos;
                }
            }
            deadlineNanos = ice.deadlineNanos();
        }

        private void send(AgentOutput.Transmit transmit) {
            byte[] from = transmit.base().getAddress().getAddress();
            byte[] to = transmit.destination().getAddress().getAddress();
            if (from[2] == to[2] && from[3] == to[3]) {
                onTheWay.add(new Datagram(
                        other, transmit.message(), transmit.destination(), transmit.base(), nowNanos + WAY_NANOS));
            }
        }
    }

    private final Queue<Datagram> onTheWay = new ArrayDeque<>();
    private final Agent controlling = new Agent(1, IceRole.CONTROLLING);
    private final Agent controlled = new Agent(2, IceRole.CONTROLLED);
    private long nowNanos;
    private long connectedNanos;

    VirtualAgents() {
        controlling.other = controlled;
        controlled.other = controlling;
    }

    /** Each side finds that many host addresses, each with a socket of its own. */
    void gather(int candidates) {
        for (Agent agent : List.of(controlling, controlled)) {
            List<GatherPlan.Host> hosts = IntStream.range(0, candidates)
                    .mapToObj(agent::host)
                    .map(address -> new GatherPlan.Host(address, address))
                    .toList();
            agent.ice.gather(new GatherPlan(hosts, List.of(), 0, Map.of()), nowNanos);
            agent.drain();
        }
    }

    /** Each side hears of all candidates of the other at once. */
    void describe() {
        IceDescription offer = controlling.ice.localDescription();
        IceDescription answer = controlled.ice.localDescription();
        controlled.ice.setRemoteDescription(offer, nowNanos);
        controlled.drain();
        controlling.ice.setRemoteDescription(answer, nowNanos);
        controlling.drain();
    }

    /** Each side hears of the other without candidates, and then of one every millisecond. */
    void trickle() {
        List<Candidate> offered = controlling.ice.localDescription().candidates();
        List<Candidate> answered = controlled.ice.localDescription().candidates();
        controlled.ice.setRemoteDescription(withoutCandidates(controlling), nowNanos);
        controlling.ice.setRemoteDescription(withoutCandidates(controlled), nowNanos);
        for (int i = 0; i < offered.size(); i++) {
            controlled.ice.addRemoteCandidate(offered.get(i), nowNanos);
            controlled.drain();
            controlling.ice.addRemoteCandidate(answered.get(i), nowNanos);
            controlling.drain();
            run(Duration.ofMillis(1));
        }
    }

    /** Lets time pass. */
    void run(Duration duration) {
        long end = nowNanos + duration.toNanos();
        for (long next = next(); next <= end; next = next()) {
            step(next);
        }
        nowNanos = end;
    }

    /** Lets time pass until both sides have a pair in use. */
    void connect() {
        while (connectedNanos == 0) {
            step(next());
        }
    }

    double connectedMillis() {
        return connectedNanos / 1e6;
    }

    int pairs() {
        return controlling.ice.stats().size();
    }

    private boolean isConnected() {
        return controlling.ice.selectedPair().isPresent()
                && controlled.ice.selectedPair().isPresent();
    }

    private long next() {
        long arrival = onTheWay.isEmpty() ? IceAgent.NEVER : onTheWay.peek().atNanos();
        return Math.min(arrival, Math.min(controlling.deadlineNanos, controlled.deadlineNanos));
    }

    private void step(long next) {
        if (next == IceAgent.NEVER) {
            throw new IllegalStateException("the agents have nothing to do any more");
        }
        nowNanos = Math.max(nowNanos, next);
        while (!onTheWay.isEmpty() && onTheWay.peek().atNanos() <= nowNanos) {
            Datagram datagram = onTheWay.remove();
            datagram.to().ice.receive(datagram.message(), datagram.base(), datagram.sender(), nowNanos);
            datagram.to().drain();
        }
        controlling.advance();
        controlled.advance();
    }

    private static IceDescription withoutCandidates(Agent agent) {
        IceDescription whole = agent.ice.localDescription();
        return new IceDescription(whole.credentials(), null, whole.options(), List.of());
    }
}
