package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How a generation comes to its local candidates: hosts at once, the others as servers answer (RFC 8445 §5.1.1), and
 * anew when the network changes.
 */
final class Gathering {

    // An answer to what was asked a moment ago says what one to the same question would say now.
    private static final long REPEAT_NANOS = Duration.ofMillis(500).toNanos();

    private final AgentSession session;
    private final IceConfig config;
    private final RandomGenerator random;
    private final LocalCandidates locals;
    private final Set<Candidate> announced = new LinkedHashSet<>();
    private GatherPlan plan;
    private Gatherer gatherer;
    private long askedNanos;
    private boolean isDone;
    private boolean isTold;
    private int removed;

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
        return plan != null;
    }

    /** Whether no more candidates are promised. */
    boolean isDone() {
        return isDone;
    }

    void begin(GatherPlan plan, long nowNanos) {
        this.plan = plan;
        locals.nameHosts(plan.mdnsNames());
        plan.hosts().forEach(host -> add(host).forEach(this::announce));
        ask(plan.relays(), false, nowNanos);
    }

    /** What the plan would change. */
    NetworkMove moveTo(GatherPlan next) {
        return NetworkMove.between(plan.hosts(), next.hosts());
    }

    /** Goes over to the plan: what is gone is withdrawn, what is new is told, and STUN is asked anew from every base. */
    void move(GatherPlan next, long nowNanos) {
        follow(next).forEach(this::announce);
        isTold = false;
        ask(next.relays() + (gatherer == null || isDone ? 0 : gatherer.awaitedRelays()), true, nowNanos);
    }

    /** Goes over to the plan without a word, since another generation speaks for the agent. */
    List<Candidate> follow(GatherPlan next) {
        NetworkMove move = moveTo(next);
        plan = next;
        locals.nameHosts(next.mdnsNames());
        move.lost().forEach(locals::withdraw);
        move.gone().forEach(host -> locals.withdrawHost(host.address(), host.base()));
        move.moved().forEach(locals::withdrawReflexive);
        return move.added().stream().flatMap(host -> add(host).stream()).toList();
    }

    /** Asks STUN once more, unless that was done a moment ago: the NAT may have changed though the network has not. */
    void askAgain(long nowNanos) {
        if (nowNanos - askedNanos >= REPEAT_NANOS) {
            ask(gatherer == null || isDone ? 0 : gatherer.awaitedRelays(), true, nowNanos);
        }
    }

    /** When STUN was asked last. */
    long askedNanos() {
        return askedNanos;
    }

    /** Asks no more, and keeps nothing alive. */
    void stop() {
        gatherer = null;
    }

    /** As {@link #stop}, if no answer can be of use any more. */
    void stopIfOver(boolean isContinual, long nowNanos) {
        if (isDone && gatherer != null && (!isContinual || gatherer.isOver(nowNanos))) {
            stop();
        }
    }

    void addRelayed(TurnAllocation allocation, TurnTransport transport) {
        locals.addRelayed(allocation, transport).forEach(this::announce);
        relayHeard();
    }

    void relayFailed(InetSocketAddress server, String reason) {
        session.tell(new IceEvent.ServerFailed(server, reason));
        relayHeard();
    }

    /**
     * Takes a response if it is of a STUN server that was asked.
     *
     * @param isContinual whether an address that comes late is of use
     */
    boolean takes(StunMessage response, InetSocketAddress sender, boolean isContinual, long nowNanos) {
        if (gatherer == null || !gatherer.awaits(response, sender)) {
            return false;
        }
        Optional<Gatherer.Mapping> mapping = gatherer.receive(response, sender, nowNanos);
        if (!isDone || isContinual) {
            mapping.flatMap(mapped -> locals.addServerReflexive(mapped.host(), mapped.server(), mapped.address()))
                    .ifPresent(this::announce);
        }
        return true;
    }

    /** Whether it ends now. */
    boolean endsNow(long nowNanos) {
        if (gatherer == null) {
            return false;
        }
        boolean ends = !isDone && gatherer.isDone(nowNanos);
        isDone |= ends;
        if (!isTold && (gatherer.isPersistent() ? gatherer.isOver(nowNanos) : ends)) {
            isTold = true;
            gatherer.silent().forEach((server, reason) -> session.tell(new IceEvent.ServerFailed(server, reason)));
        }
        if (ends) {
            session.tell(new IceEvent.GatheringCompleted());
        }
        return ends;
    }

    /** The next request or keepalive that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        if (gatherer == null) {
            return null;
        }
        AgentOutput.Transmit request = gatherer.nextDue(nowNanos);
        return request == null ? gatherer.nextKeepalive(nowNanos) : request;
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        return gatherer == null ? IceAgent.NEVER : Math.min(gatherer.keepaliveNanos(), gatherer.nextDueNanos());
    }

    /** When {@link #endsNow} next has something to say. */
    long deadlineNanos() {
        if (gatherer == null) {
            return IceAgent.NEVER;
        }
        long told = !isTold && gatherer.isPersistent() ? gatherer.overNanos() : IceAgent.NEVER;
        return isDone ? told : Math.min(told, gatherer.timeoutNanos());
    }

    /** Tells which of the candidates that were announced are none any more. */
    void tellWithdrawn() {
        if (removed == locals.removed()) {
            return;
        }
        removed = locals.removed();
        List<Candidate> left = locals.candidates();
        List<Candidate> withdrawn =
                announced.stream().filter(told -> !left.contains(told)).toList();
        withdrawn.forEach(told -> session.tell(new IceEvent.LocalCandidateRemoved(told)));
        withdrawn.forEach(announced::remove);
    }

    private List<Candidate> add(GatherPlan.Host host) {
        return locals.addHost(host.address(), host.base(), plan.hosts().indexOf(host));
    }

    private void ask(int relays, boolean isPersistent, long nowNanos) {
        askedNanos = nowNanos;
        gatherer = new Gatherer(
                locals.hosts(),
                plan.servers(),
                relays,
                random,
                isPersistent,
                config.gatherTimeout().toNanos(),
                nowNanos);
    }

    private void relayHeard() {
        if (gatherer != null) {
            gatherer.relayHeard();
        }
    }

    private void announce(Candidate candidate) {
        announced.add(candidate);
        session.tell(new IceEvent.LocalCandidateAdded(candidate));
    }
}
