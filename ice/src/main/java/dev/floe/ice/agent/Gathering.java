package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How a generation comes to its local candidates: hosts at once, the others as servers answer (RFC 8445 §5.1.1). */
final class Gathering {

    private final AgentSession session;
    private final IceConfig config;
    private final RandomGenerator random;
    private final LocalCandidates locals;
    private Gatherer gatherer;
    private boolean hasBegun;
    private boolean isDone;

    Gathering(AgentSession session, IceConfig config, RandomGenerator random) {
        this.session = session;
        this.config = config;
        this.random = random;
        locals = new LocalCandidates(config);
    }

    LocalCandidates locals() {
        return locals;
    }

    boolean hasBegun() {
        return hasBegun;
    }

    /** Whether no more candidates come. */
    boolean isDone() {
        return isDone;
    }

    void begin(GatherPlan plan, long nowNanos) {
        hasBegun = true;
        locals.nameHosts(plan.mdnsNames());
        for (GatherPlan.Host host : plan.hosts()) {
            locals.addHost(host.address(), host.base()).forEach(this::announce);
        }
        gatherer = new Gatherer(
                locals.hosts(),
                plan.servers(),
                plan.relays(),
                random,
                config.gatherTimeout().toNanos(),
                nowNanos);
    }

    /** Asks no more, and keeps nothing alive. */
    void stop() {
        gatherer = null;
    }

    void addRelayed(TurnAllocation allocation, TurnTransport transport) {
        locals.addRelayed(allocation, transport).forEach(this::announce);
        relayHeard();
    }

    void relayFailed(InetSocketAddress server, String reason) {
        session.tell(new IceEvent.ServerFailed(server, reason));
        relayHeard();
    }

    /** Takes a response if it is of a STUN server that was asked. */
    boolean takes(StunMessage response, InetSocketAddress sender, long nowNanos) {
        if (gatherer == null || !gatherer.awaits(response, sender)) {
            return false;
        }
        Optional<Gatherer.Mapping> mapping = gatherer.receive(response, sender, nowNanos);
        if (!isDone) {
            mapping.flatMap(mapped -> locals.addServerReflexive(mapped.host(), mapped.server(), mapped.address()))
                    .ifPresent(this::announce);
        }
        return true;
    }

    /** Whether it ends now. */
    boolean endsNow(long nowNanos) {
        if (gatherer == null || isDone || !gatherer.isDone(nowNanos)) {
            return false;
        }
        isDone = true;
        gatherer.silent().forEach(server -> session.tell(new IceEvent.ServerFailed(server, "no answer")));
        session.tell(new IceEvent.GatheringCompleted());
        return true;
    }

    /** The next request or keepalive that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        if (gatherer == null) {
            return null;
        }
        AgentOutput.Transmit request = isDone ? null : gatherer.nextDue(nowNanos);
        return request == null ? gatherer.nextKeepalive(nowNanos) : request;
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        if (gatherer == null) {
            return IceAgent.NEVER;
        }
        return isDone ? gatherer.keepaliveNanos() : Math.min(gatherer.keepaliveNanos(), gatherer.nextDueNanos());
    }

    /** When it ends by itself. */
    long deadlineNanos() {
        return gatherer == null || isDone ? IceAgent.NEVER : gatherer.timeoutNanos();
    }

    private void relayHeard() {
        if (gatherer != null) {
            gatherer.relayHeard();
        }
    }

    private void announce(Candidate candidate) {
        session.tell(new IceEvent.LocalCandidateAdded(candidate));
    }
}
