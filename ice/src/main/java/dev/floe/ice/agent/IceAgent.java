package dev.floe.ice.agent;

import static dev.floe.ice.agent.CandidatePairState.IN_PROGRESS;
import static dev.floe.ice.agent.CandidatePairState.SUCCEEDED;
import static dev.floe.ice.agent.CheckedPair.NOT_NOMINATED;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
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
    private final LocalCandidates locals = new LocalCandidates();
    private final RemoteCandidates remotes = new RemoteCandidates();
    private final EarlyChecks earlyChecks = new EarlyChecks();
    private final Checklist checklist = new Checklist();
    private final CheckMessages messages;
    private final RoleConflict role;
    private final Pacer pacer;
    private final Queue<AgentOutput> outputs = new ArrayDeque<>();

    private IceState state = IceState.NEW;
    private Gatherer gatherer;
    private IceDescription remote;
    private CheckTiming timing;
    private Nominator nominator;
    private ConsentMonitor consent;
    private long giveUpNanos = NEVER;
    private long unauthenticated;

    /** @param random a secure one, since credentials and transaction ids come from it */
    public IceAgent(IceConfig config, RandomGenerator random, long nowNanos) {
        this.config = config;
        this.random = random;
        credentials = IceCredentials.random(random);
        messages = new CheckMessages(credentials, random);
        role = new RoleConflict(config.role(), random.nextLong());
        pacer = new Pacer(config.pacing().toNanos(), nowNanos);
    }

    /**
     * Starts to gather: host candidates at once, server-reflexive ones as the servers answer.
     *
     * @param hosts the addresses to advertise, best first, each with the port of {@code base}
     * @param base the local address as the channel names it
     * @param servers resolved STUN servers
     */
    public void gather(
            List<InetSocketAddress> hosts, InetSocketAddress base, List<InetSocketAddress> servers, long nowNanos) {
        requireState(IceState.NEW);
        enter(IceState.GATHERING);
        for (InetSocketAddress host : hosts) {
            announce(locals.addHost(host, base));
        }
        gatherer = new Gatherer(
                locals.hosts(), servers, random, config.gatherTimeout().toNanos(), nowNanos);
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
        if (isOver() || !message.method().equals(StunMethod.BINDING)) {
            return;
        }
        if (message.hasFingerprint() && !message.hasValidFingerprint()) {
            unauthenticated++;
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
        return outputs.poll();
    }

    /** When {@link #advance} is to be called next, or {@link #NEVER}. */
    public long deadlineNanos() {
        if (isOver()) {
            return NEVER;
        }
        long next = Math.min(giveUpNanos, requestDeadlineNanos());
        if (state == IceState.GATHERING) {
            next = Math.min(next, gatherer.timeoutNanos());
        }
        if (nominator != null) {
            next = Math.min(next, Math.min(consent.expiryNanos(), nominator.deadlineNanos()));
        }
        return next;
    }

    public IceState state() {
        return state;
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
        return Optional.ofNullable(nominator).map(Nominator::selected).map(CheckedPair::toPair);
    }

    /** Whether the holder of the session's password has been heard from this address. */
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        CheckedPair pair = isOver() ? null : checklist.find(base, sender);
        return pair != null && (pair.authenticated || pair.isValid());
    }

    /** How many STUN messages were dropped because they were not signed as they had to be. */
    public long unauthenticated() {
        return unauthenticated;
    }

    /** Ends the session; nothing is sent any more. */
    public void close() {
        if (!isOver()) {
            enter(IceState.CLOSED);
        }
    }

    private void run(long nowNanos) {
        if (state == IceState.GATHERING && gatherer.isDone(nowNanos)) {
            enter(IceState.GATHERED);
        }
        if (state == IceState.GATHERED && remote != null) {
            startChecks(nowNanos);
        }
        if (nominator != null && !isOver()) {
            expireChecks(nowNanos);
            nominateIfControlling(nowNanos);
            failIfHopeless(nowNanos);
        }
        while (!isOver() && pacer.isOpen(nowNanos)) {
            AgentOutput.Transmit request = nextRequest(nowNanos);
            if (request == null) {
                return;
            }
            outputs.add(request);
            pacer.taken(nowNanos);
        }
    }

    // --- the local side, and the start

    private void startChecks(long nowNanos) {
        boolean isRevisable = bothOffer(IceDescription.RENOMINATION) && bothOffer(IceDescription.CONTINUAL_GATHERING);
        messages.remote(remote.credentials());
        boolean isPacingAgreed =
                localDescription().icePacing().isPresent() && remote.icePacing().isPresent();
        pacer.slowDownTo(isPacingAgreed ? remote.icePacing().getAsInt() * 1_000_000L : DEFAULT_PACING_NANOS);
        timing = CheckTiming.of(isPacingAgreed);
        nominator = new Nominator(isRevisable, checklist);
        consent = new ConsentMonitor(!remote.options().isEmpty(), random);
        giveUpNanos = nowNanos + timing.patienceNanos();
        enter(IceState.CHECKING);
        for (Candidate candidate : remote.candidates()) {
            addRemoteCandidate(candidate);
        }
        checklist.thawFirstOfEachFoundation();
        for (EarlyChecks.EarlyCheck early : earlyChecks.drain()) {
            learn(early.request(), early.base(), early.sender(), nowNanos);
        }
    }

    private boolean bothOffer(String option) {
        return config.options().contains(option) && remote.offers(option);
    }

    private void addRemoteCandidate(Candidate candidate) {
        if (remotes.add(candidate)) {
            notify(new IceEvent.RemoteCandidateAdded(candidate));
            for (LocalCandidate local : locals.basesFor(candidate)) {
                checklist.add(new CheckedPair(local, candidate), role());
            }
        }
    }

    private void announce(Optional<Candidate> added) {
        added.ifPresent(candidate -> notify(new IceEvent.LocalCandidateAdded(candidate)));
    }

    // --- requests from the other side (RFC 8445 §7.3)

    private void receiveRequest(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        // An unauthenticated request gets no 401: the port must not reflect what strangers send (RFC 8489 §9.1.3).
        boolean isOurs =
                messages.isRequestAuthentic(request) && (nominator == null || messages.isFromDescribedPeer(request));
        if (!isOurs) {
            unauthenticated++;
            return;
        }
        if (!request.unknownComprehensionRequired().isEmpty()) {
            transmit(messages.unknownAttribute(request), base, sender);
            return;
        }
        RoleConflict.Verdict verdict = role.judge(request);
        if (verdict == RoleConflict.Verdict.REFUSE) {
            transmit(messages.roleConflict(request), base, sender);
            return;
        }
        if (verdict == RoleConflict.Verdict.SWITCH) {
            roleSwitched(nowNanos);
        }
        // The answer needs only the local password, so it goes out even before the other side's description has come.
        transmit(messages.success(request, sender), base, sender);
        if (nominator == null) {
            earlyChecks.add(request, base, sender);
        } else {
            learn(request, base, sender, nowNanos);
        }
    }

    private void learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        CheckedPair pair = messages.isFromDescribedPeer(request) ? pairFor(request, base, sender) : null;
        if (pair == null) {
            unauthenticated++;
            return;
        }
        boolean isFirst = !pair.authenticated;
        boolean isRetransmission = request.transactionId().equals(pair.lastRequest);
        pair.authenticated = true;
        pair.lastRequest = request.transactionId();
        if (role() == IceRole.CONTROLLED && request.has(StunAttribute.UseCandidate.class)) {
            long nomination = request.find(StunAttribute.Nomination.class)
                    .map(StunAttribute.Nomination::value)
                    .orElse(0L);
            pair.remoteNomination = Math.max(pair.remoteNomination, nomination);
            if (pair.isValid() && pair != nominator.selected() && consent.isStale(pair.lastResponseNanos(), nowNanos)) {
                pair.failed();
            }
            selectIf(nominator.consider(pair, role()), pair, nowNanos);
        }
        if (isFirst) {
            notify(new IceEvent.PairAuthenticated(pair.toPair()));
        }
        if (!isRetransmission && pair.state != SUCCEEDED) {
            if (role() == IceRole.CONTROLLING) {
                nominator.beforeTriggered(pair);
            }
            checklist.trigger(pair);
        }
    }

    /** The pair that a request came over, made from a peer-reflexive candidate if need be; null if there are too many. */
    private CheckedPair pairFor(StunMessage request, InetSocketAddress base, InetSocketAddress sender) {
        CheckedPair known = checklist.find(base, sender);
        if (known != null) {
            return known;
        }
        Optional<LocalCandidate> local = locals.forBase(base, sender);
        Optional<Candidate> candidate = remotes.find(sender).or(() -> addPeerReflexive(request, sender));
        if (local.isEmpty() || candidate.isEmpty() || checklist.isFull()) {
            return null;
        }
        CheckedPair pair = new CheckedPair(local.get(), candidate.get());
        checklist.add(pair, role());
        return pair;
    }

    private Optional<Candidate> addPeerReflexive(StunMessage request, InetSocketAddress sender) {
        Optional<Candidate> candidate = request.find(StunAttribute.Priority.class)
                .flatMap(priority -> remotes.addPeerReflexive(sender, priority.value()));
        candidate.ifPresent(added -> notify(new IceEvent.RemoteCandidateAdded(added)));
        return candidate;
    }

    // --- responses to our requests (RFC 8445 §7.2.5)

    private void receiveResponse(
            StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (gatherer != null && gatherer.awaits(response, sender)) {
            Optional<Gatherer.Mapping> mapping = gatherer.receive(response, sender, nowNanos);
            if (state == IceState.GATHERING) {
                mapping.ifPresent(mapped ->
                        announce(locals.addServerReflexive(mapped.host(), mapped.server(), mapped.address())));
            }
            return;
        }
        if (nominator == null || !messages.isResponseAuthentic(response)) {
            unauthenticated++;
            return;
        }
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.answered(response.transactionId());
            if (check != null) {
                boolean isUsable = pair.remote.address().equals(sender)
                        && pair.base().equals(base)
                        && response.unknownComprehensionRequired().isEmpty();
                answered(pair, check, isUsable ? response : null, nowNanos);
                return;
            }
        }
    }

    /**
     * @param response null if it came another way than the request went (RFC 8445 §7.2.5.2.1) or has an attribute that
     *     has to be understood and is not (RFC 8489 §6.3.3)
     */
    private void answered(CheckedPair pair, Check check, StunMessage response, long nowNanos) {
        Optional<InetSocketAddress> mapped = response == null
                ? Optional.empty()
                : response.find(StunAttribute.XorMappedAddress.class).map(StunAttribute.XorMappedAddress::address);
        Optional<Integer> error = response == null
                ? Optional.empty()
                : response.find(StunAttribute.ErrorCode.class).map(StunAttribute.ErrorCode::code);
        if (mapped.isPresent() && error.isEmpty()) {
            succeeded(pair, check, mapped.get(), nowNanos);
        } else if (error.filter(code -> code == 487).isPresent()) {
            if (role.refused(check.role())) {
                roleSwitched(nowNanos);
            }
            checklist.trigger(pair);
        } else if (check.equals(pair.check())) {
            failed(pair, nowNanos);
        }
    }

    private void succeeded(CheckedPair pair, Check check, InetSocketAddress mapped, long nowNanos) {
        boolean isFirst = !pair.isValid();
        boolean isPending =
                pair.nomination != NOT_NOMINATED && pair.nomination != check.nomination() && pair.state != SUCCEEDED;
        CandidatePairState before = pair.state;
        pair.validated(
                locals.seenAs(pair.local, mapped),
                nowNanos - check.transaction().firstTransmittedNanos(),
                nowNanos);
        if (isPending) {
            // An earlier check was answered while the one that nominates is still under way: that one goes on.
            pair.state = before;
        } else {
            checklist.settle(pair);
        }
        checklist.thaw(pair.foundation());
        if (isFirst) {
            notify(new IceEvent.PairValidated(pair.toPair(), pair.rtt()));
            if (state == IceState.CHECKING) {
                enter(IceState.CONNECTED);
            }
        }
        if (pair == nominator.selected()) {
            consent.renewed(nowNanos);
        }
        if (role() == IceRole.CONTROLLED) {
            selectIf(nominator.consider(pair, role()), pair, nowNanos);
            return;
        }
        selectIf(check.nominates() && nominator.confirmed(pair, check.nomination()), pair, nowNanos);
        nominator.validated(pair, role(), nowNanos);
    }

    private void failed(CheckedPair pair, long nowNanos) {
        pair.failed();
        if (role() == IceRole.CONTROLLING) {
            nominator.failed(pair, role(), nowNanos);
        }
    }

    private void selectIf(boolean isNew, CheckedPair pair, long nowNanos) {
        if (!isNew) {
            return;
        }
        consent.selected(pair.lastResponseNanos(), nowNanos);
        if (nominator.isRevisable()) {
            checklist.dropWorseThan(pair, role());
        } else {
            checklist.dropAllBut(pair);
        }
        notify(new IceEvent.PairNominated(pair.toPair(), pair.rtt()));
        enter(IceState.COMPLETED);
    }

    private void roleSwitched(long nowNanos) {
        notify(new IceEvent.RoleSwitched(role()));
        checklist.sort(role());
        if (nominator != null) {
            nominator.roleSwitched(role(), nowNanos);
        }
    }

    // --- time

    private void expireChecks(long nowNanos) {
        for (CheckedPair pair : List.copyOf(checklist.pairs())) {
            Check check = pair.check();
            if (check != null
                    && check.transaction().exhausted()
                    && nowNanos >= check.transaction().deadlineNanos()) {
                failed(pair, nowNanos);
            }
        }
    }

    private void nominateIfControlling(long nowNanos) {
        if (role() == IceRole.CONTROLLING) {
            nominator.advance(role(), nowNanos);
        }
    }

    private void failIfHopeless(long nowNanos) {
        if (consent.isExpired(nowNanos)) {
            fail(Reason.CONSENT_EXPIRED);
        } else if (nominator.selected() != null) {
            giveUpNanos = NEVER;
        } else if (nowNanos >= giveUpNanos) {
            giveUpUnlessHopeful(nowNanos);
        }
    }

    private void giveUpUnlessHopeful(long nowNanos) {
        if (checklist.isUnderWay()) {
            // Looked at again when the checks that are still under way must have ended.
            giveUpNanos = nowNanos + timing.minRtoNanos();
        } else if (checklist.recheckValid()) {
            // The other side has not nominated what works; it has as long again to show that it is still there.
            giveUpNanos = nowNanos + timing.patienceNanos();
        } else {
            fail(Reason.NO_PATH);
        }
    }

    private void fail(Reason reason) {
        enter(IceState.FAILED);
        notify(new IceEvent.SessionFailed(reason));
    }

    // --- requests of our own, one each Ta

    private AgentOutput.Transmit nextRequest(long nowNanos) {
        AgentOutput.Transmit request = null;
        if (consent != null && consent.isDue(nowNanos)) {
            request = nextConsentCheck(nowNanos);
        }
        if (request == null && gatherer != null) {
            request = state == IceState.GATHERING ? gatherer.nextDue(nowNanos) : null;
            request = request == null && nowNanos >= gatherer.keepaliveNanos() ? keepMapping(nowNanos) : request;
        }
        return request == null && nominator != null ? nextCheck(nowNanos) : request;
    }

    private AgentOutput.Transmit keepMapping(long nowNanos) {
        if (state == IceState.COMPLETED) {
            gatherer = null;
            return null;
        }
        return gatherer.nextKeepalive(nowNanos);
    }

    private AgentOutput.Transmit nextConsentCheck(long nowNanos) {
        CheckedPair pair = nominator.selected();
        consent.sent(nowNanos);
        if (!consent.isAnswered()) {
            return new AgentOutput.Transmit(messages.keepalive(), pair.base(), pair.remote.address());
        }
        // Never sent again, and each with an id of its own (RFC 7675 §5.1).
        Check check = newCheck(pair, false);
        check.transaction().transmitted(nowNanos);
        pair.remember(check);
        return toTransmit(pair, check);
    }

    private AgentOutput.Transmit nextCheck(long nowNanos) {
        CheckedPair pair = checklist.nextTriggered();
        if (pair == null) {
            pair = nextRetransmission(nowNanos);
        }
        if (pair == null) {
            pair = checklist.nextOrdinary();
        }
        if (pair == null) {
            return null;
        }
        if (pair.check() == null) {
            pair.started(newCheck(pair, role() == IceRole.CONTROLLING && pair.nomination != NOT_NOMINATED));
            pair.state = IN_PROGRESS;
        }
        pair.check().transaction().transmitted(nowNanos);
        return toTransmit(pair, pair.check());
    }

    private CheckedPair nextRetransmission(long nowNanos) {
        for (CheckedPair pair : checklist.pairs()) {
            if (retransmitNanos(pair) <= nowNanos) {
                return pair;
            }
        }
        return null;
    }

    private Check newCheck(CheckedPair pair, boolean nominates) {
        StunMessage request = messages.request(pair, role, nominates, nominator.isRevisable());
        long rto = pacer.intervalNanos() * checklist.active();
        return new Check(timing.transaction(request, rto), role(), nominates ? pair.nomination : NOT_NOMINATED);
    }

    private long requestDeadlineNanos() {
        long next = nominator == null ? NEVER : Math.min(consent.nextNanos(), checklist.hasNext() ? 0 : NEVER);
        if (gatherer != null) {
            next = Math.min(next, gatherer.keepaliveNanos());
            next = state == IceState.GATHERING ? Math.min(next, gatherer.nextDueNanos()) : next;
        }
        for (CheckedPair pair : checklist.pairs()) {
            Check check = pair.check();
            if (check != null) {
                next = Math.min(next, check.transaction().deadlineNanos());
            }
        }
        return next == NEVER ? NEVER : Math.max(next, pacer.nextSlotNanos());
    }

    private static long retransmitNanos(CheckedPair pair) {
        Check check = pair.check();
        return check == null || check.transaction().exhausted()
                ? NEVER
                : check.transaction().deadlineNanos();
    }

    // --- small help

    private static AgentOutput.Transmit toTransmit(CheckedPair pair, Check check) {
        return new AgentOutput.Transmit(check.transaction().request(), pair.base(), pair.remote.address());
    }

    private void transmit(StunMessage message, InetSocketAddress base, InetSocketAddress destination) {
        outputs.add(new AgentOutput.Transmit(message, base, destination));
    }

    private void notify(IceEvent event) {
        outputs.add(new AgentOutput.Notify(event));
    }

    private void enter(IceState next) {
        if (state != next) {
            state = next;
            notify(new IceEvent.StateChanged(next));
        }
    }

    private void requireState(IceState expected) {
        if (state != expected) {
            throw new IllegalStateException("the agent is " + state + ", expected " + expected);
        }
    }

    private boolean isOver() {
        return state == IceState.FAILED || state == IceState.CLOSED;
    }
}
