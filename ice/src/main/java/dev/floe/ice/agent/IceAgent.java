package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * An ICE agent (RFC 8445) without I/O: no channel, no buffer, no thread, no clock. Its whole contract:
 *
 * <ol>
 *   <li>Tell it things: {@link #gather}, {@link #setRemoteDescription}, and {@link #receive} for each STUN message.
 *   <li>After each of them, {@link #poll} until it gives null, and do what it says.
 *   <li>Call {@link #advance} when {@link #deadlineNanos} has come, and poll again.
 *   <li>{@code nowNanos} counts from any fixed origin, is never negative and never runs backwards.
 *   <li>It is not thread-safe, and nothing that the network sends makes it throw.
 * </ol>
 */
public final class IceAgent {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final long DEFAULT_PACING_NANOS = 50_000_000;

    private final IceConfig config;
    private final RandomGenerator random;
    private final IceCredentials credentials;
    private final AgentSession session = new AgentSession();
    private final LocalCandidates locals;
    private final EarlyChecks earlyChecks = new EarlyChecks();
    private final CheckMessages messages;
    private final RoleConflict role;
    private final Pacer pacer;

    private Gatherer gatherer;
    private IceDescription remote;
    private ConnectivityChecks checks;

    /** @param random a secure one, since credentials and transaction ids come from it */
    public IceAgent(IceConfig config, RandomGenerator random, long nowNanos) {
        this.config = config;
        this.random = random;
        credentials = IceCredentials.random(random);
        locals = new LocalCandidates(config);
        messages = new CheckMessages(credentials, random);
        role = new RoleConflict(config.role(), random.nextLong());
        pacer = new Pacer(config.pacing().toNanos(), nowNanos);
    }

    /** Starts to gather: host candidates at once, server-reflexive ones as the servers answer. */
    public void gather(GatherPlan plan, long nowNanos) {
        requireState(IceState.NEW);
        session.enter(IceState.GATHERING);
        locals.nameHosts(plan.mdnsNames());
        for (InetSocketAddress host : plan.hosts()) {
            locals.addHost(host, plan.base()).forEach(this::announce);
        }
        gatherer = new Gatherer(
                locals.hosts(), plan.servers(), random, config.gatherTimeout().toNanos(), nowNanos);
        run(nowNanos);
    }

    /**
     * Hands over what signaling brought and starts the checks. It may come before gathering is done, which it then
     * waits for.
     *
     * @throws IllegalStateException if there is a remote description already
     */
    public void setRemoteDescription(IceDescription description, long nowNanos) {
        if (remote != null) {
            throw new IllegalStateException("the remote description is already known");
        }
        remote = description;
        run(nowNanos);
    }

    /**
     * Takes a STUN message.
     *
     * @param base the local address that it arrived at, as the channel names it
     */
    public void receive(StunMessage message, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (session.isOver() || !message.method().equals(StunMethod.BINDING)) {
            return;
        }
        if (message.hasFingerprint() && !message.hasValidFingerprint()) {
            session.droppedUnauthenticated();
            return;
        }
        switch (message.messageClass()) {
            case REQUEST -> receiveRequest(message, base, sender, nowNanos);
            case SUCCESS, ERROR -> receiveResponse(message, base, sender, nowNanos);
            case INDICATION -> {
                // RFC 8445 §11: a keepalive has done its work by having passed the NATs.
            }
        }
        run(nowNanos);
    }

    /** Does what is due. Calling it early does nothing. */
    public void advance(long nowNanos) {
        run(nowNanos);
    }

    /** The next thing to do, or null. */
    public AgentOutput poll() {
        return session.poll();
    }

    /** When {@link #advance} is to be called next, or {@link #NEVER}. */
    public long deadlineNanos() {
        if (session.isOver()) {
            return NEVER;
        }
        long request = NEVER;
        long next = NEVER;
        if (gatherer != null) {
            request = gatherer.keepaliveNanos();
        }
        if (state() == IceState.GATHERING) {
            request = Math.min(request, gatherer.nextDueNanos());
            next = gatherer.timeoutNanos();
        }
        if (checks != null) {
            request = Math.min(request, checks.scheduler().nextRequestNanos());
            next = checks.deadlineNanos();
        }
        return request == NEVER ? next : Math.min(next, Math.max(request, pacer.nextSlotNanos()));
    }

    public IceState state() {
        return session.state();
    }

    public IceRole role() {
        return role.role();
    }

    /** What to tell the other side; complete once the state is past GATHERING. */
    public IceDescription localDescription() {
        return new IceDescription(credentials, null, config.options(), locals.candidates());
    }

    /** The pair in use, empty before the first nomination. */
    public Optional<CandidatePair> selectedPair() {
        return checks == null ? Optional.empty() : checks.selectedPair();
    }

    /** Whether the holder of the session's password has been heard from this address. */
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return checks != null && !session.isOver() && checks.isAuthenticated(base, sender);
    }

    /** How many STUN messages were dropped because they were not signed as they had to be. */
    public long unauthenticated() {
        return session.unauthenticated();
    }

    /** Ends the session; nothing is sent any more. */
    public void close() {
        if (!session.isOver()) {
            session.enter(IceState.CLOSED);
        }
    }

    private void run(long nowNanos) {
        if (state() == IceState.GATHERING && gatherer.isDone(nowNanos)) {
            session.enter(IceState.GATHERED);
        }
        if (state() == IceState.GATHERED && remote != null) {
            startChecks(nowNanos);
        }
        if (checks != null && !session.isOver()) {
            checks.advance(nowNanos);
        }
        while (!session.isOver() && pacer.isOpen(nowNanos)) {
            AgentOutput.Transmit request = nextRequest(nowNanos);
            if (request == null) {
                return;
            }
            session.transmit(request);
            pacer.taken(nowNanos);
        }
    }

    private void startChecks(long nowNanos) {
        boolean isRevisable = bothOffer(IceDescription.RENOMINATION) && bothOffer(IceDescription.CONTINUAL_GATHERING);
        boolean isPacingAgreed =
                localDescription().icePacing().isPresent() && remote.icePacing().isPresent();
        // A peer without options may stop answering checks once it is connected.
        boolean isConsentGiven = !remote.options().isEmpty();
        messages.remote(remote.credentials());
        pacer.slowDownTo(isPacingAgreed ? remote.icePacing().getAsInt() * 1_000_000L : DEFAULT_PACING_NANOS);
        checks = new ConnectivityChecks(
                session,
                locals,
                messages,
                role,
                pacer.intervalNanos(),
                CheckTiming.of(isPacingAgreed),
                isRevisable,
                isConsentGiven,
                random);
        session.enter(IceState.CHECKING);
        checks.start(remote, nowNanos);
        for (EarlyChecks.EarlyCheck early : earlyChecks.drain()) {
            checks.learn(early.request(), early.base(), early.sender(), nowNanos);
        }
    }

    private boolean bothOffer(String option) {
        return config.options().contains(option) && remote.offers(option);
    }

    private void receiveRequest(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        // An unauthenticated request gets no 401: the port must not reflect what strangers send (RFC 8489 §9.1.3).
        boolean isOurs =
                messages.isRequestAuthentic(request) && (checks == null || messages.isFromDescribedPeer(request));
        if (!isOurs) {
            session.droppedUnauthenticated();
            return;
        }
        if (!request.unknownComprehensionRequired().isEmpty()) {
            session.answer(messages.unknownAttribute(request), base, sender);
            return;
        }
        RoleConflict.Verdict verdict = role.judge(request);
        if (verdict == RoleConflict.Verdict.REFUSE) {
            session.answer(messages.roleConflict(request), base, sender);
            return;
        }
        if (verdict == RoleConflict.Verdict.SWITCH) {
            session.tell(new IceEvent.RoleSwitched(role()));
        }
        // The answer needs only the local password, so it goes out even before the other side's description has come.
        session.answer(messages.success(request, sender), base, sender);
        if (checks == null) {
            earlyChecks.add(request, base, sender);
            return;
        }
        if (verdict == RoleConflict.Verdict.SWITCH) {
            checks.roleSwitched(nowNanos);
        }
        checks.learn(request, base, sender, nowNanos);
    }

    private void receiveResponse(
            StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (gatherer != null && gatherer.awaits(response, sender)) {
            Optional<Gatherer.Mapping> mapping = gatherer.receive(response, sender, nowNanos);
            if (state() == IceState.GATHERING) {
                mapping.flatMap(mapped -> locals.addServerReflexive(mapped.host(), mapped.server(), mapped.address()))
                        .ifPresent(this::announce);
            }
        } else if (checks != null) {
            checks.receiveResponse(response, base, sender, nowNanos);
        } else {
            session.droppedUnauthenticated();
        }
    }

    /** The next request that is due, or null: one goes out each Ta, whatever it is for. */
    private AgentOutput.Transmit nextRequest(long nowNanos) {
        AgentOutput.Transmit request = null;
        if (state() == IceState.GATHERING) {
            request = gatherer.nextDue(nowNanos);
        } else if (state() == IceState.COMPLETED) {
            gatherer = null;
        }
        if (request == null && gatherer != null) {
            request = gatherer.nextKeepalive(nowNanos);
        }
        return request == null && checks != null ? checks.scheduler().nextRequest(nowNanos) : request;
    }

    private void announce(Candidate candidate) {
        session.tell(new IceEvent.LocalCandidateAdded(candidate));
    }

    private void requireState(IceState expected) {
        if (state() != expected) {
            throw new IllegalStateException("the agent is " + state() + ", expected " + expected);
        }
    }
}
