package dev.floe.ice.agent;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * All that goes with one pair of credentials: the candidates gathered under them, the other side's description, and the
 * checks between the two. A restart begins another (RFC 8445 §9).
 */
final class Generation {

    private final AgentSession session;
    private final IceConfig config;
    private final RandomGenerator random;
    private final RoleConflict role;
    private final Pacer pacer;
    private final IceCredentials credentials;
    private final CheckMessages messages;
    private final LocalCandidates locals;
    private final EarlyChecks earlyChecks = new EarlyChecks();
    private final Set<String> options = new LinkedHashSet<>();

    private RemoteCandidates remotes = new RemoteCandidates();
    private IceState state = IceState.NEW;
    private boolean isSuperseded;
    private Gatherer gatherer;
    private boolean isGathered;
    private IceDescription remote;
    private boolean isRemoteEnded;
    private boolean isProvisional;
    private ConnectivityChecks checks;

    Generation(AgentSession session, IceConfig config, RandomGenerator random, RoleConflict role, Pacer pacer) {
        this.session = session;
        this.config = config;
        this.random = random;
        this.role = role;
        this.pacer = pacer;
        credentials = IceCredentials.random(random);
        locals = new LocalCandidates(config);
        messages = new CheckMessages(credentials, random);
        options.addAll(config.options());
    }

    IceState state() {
        return state;
    }

    void enter(IceState next) {
        if (state != next) {
            state = next;
            tellState();
        }
    }

    /** Another generation counts from now on: this one no longer speaks for the agent, and gathers no more. */
    void supersede() {
        isSuperseded = true;
        gatherer = null;
    }

    /** This generation counts again. */
    void resume() {
        isSuperseded = false;
        tellState();
    }

    void gather(GatherPlan plan, long nowNanos) {
        enter(IceState.GATHERING);
        locals.nameHosts(plan.mdnsNames());
        for (InetSocketAddress host : plan.hosts()) {
            locals.addHost(host, plan.base()).forEach(this::announce);
        }
        gatherer = new Gatherer(
                locals.hosts(),
                plan.servers(),
                plan.relays(),
                random,
                config.gatherTimeout().toNanos(),
                nowNanos);
    }

    void addRelayed(TurnAllocation allocation, TurnTransport transport) {
        locals.addRelayed(allocation, transport).forEach(this::announce);
        relayHeard();
    }

    void relayFailed(InetSocketAddress server, String reason) {
        session.tell(new IceEvent.ServerFailed(server, reason));
        relayHeard();
    }

    void relayLost(TurnAllocation allocation, long nowNanos) {
        for (InetSocketAddress relayed : allocation.relayed()) {
            locals.withdraw(relayed);
            if (checks != null) {
                checks.baseLost(relayed, nowNanos);
            }
        }
    }

    /** What the other side is to be told; it says so when all candidates are in it. */
    IceDescription localDescription() {
        return new IceDescription(credentials, null, options, locals.candidates());
    }

    /** Whether there is something to check from and somebody to check with. */
    boolean isStarted() {
        return checks != null;
    }

    boolean hasSelected() {
        return selectedPair().isPresent();
    }

    /** The other side's username fragment, if it is known. */
    Optional<String> remoteFragment() {
        return Optional.ofNullable(remote)
                .map(description -> description.credentials().usernameFragment());
    }

    /** Makes do with the description that another generation has, if any, until one of its own comes. */
    void inherit(Generation other) {
        isProvisional = true;
        remote = other.remote;
        remotes = other.remotes.signaled();
        isRemoteEnded = other.isRemoteEnded;
    }

    /** Takes a description in place of the one that there is, if there is one. */
    void describeAnew(IceDescription description, long nowNanos) {
        isProvisional = false;
        remote = description;
        remotes = new RemoteCandidates();
        isRemoteEnded = false;
        checks = null;
        describe(description, nowNanos);
    }

    /** Takes what more there is in a description that is known. */
    void describe(IceDescription description, long nowNanos) {
        description.candidates().forEach(candidate -> addRemoteCandidate(candidate, nowNanos));
        if (description.isComplete()) {
            endOfRemoteCandidates();
        }
    }

    void addRemoteCandidate(Candidate candidate, long nowNanos) {
        if (remotes.add(candidate)) {
            session.tell(new IceEvent.RemoteCandidateAdded(candidate));
            if (checks != null) {
                checks.remoteCandidateAdded(candidate, nowNanos);
            }
        }
    }

    void endOfRemoteCandidates() {
        isRemoteEnded = true;
        if (checks != null) {
            checks.remoteCandidatesEnded();
        }
    }

    /** Whether the other side may know of this address: with relays alone, nothing else answers. */
    boolean isOpen(InetSocketAddress base, InetSocketAddress sender) {
        return config.addressPolicy() != AddressPolicy.RELAY_ONLY
                || locals.forBase(base, sender).isPresent();
    }

    /**
     * Whether a request is signed for these credentials, by the peer that was described if one was. A restart may be
     * under way on the other side too: then its new fragment is not known yet.
     */
    boolean owns(StunMessage request) {
        return messages.isRequestAuthentic(request)
                && (checks == null || isProvisional || messages.isFromDescribedPeer(request));
    }

    CheckMessages messages() {
        return messages;
    }

    /** Takes a request that has been answered. */
    void learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (checks == null || !messages.isFromDescribedPeer(request)) {
            earlyChecks.add(request, base, sender);
        } else {
            checks.learn(request, base, sender, nowNanos);
        }
    }

    /**
     * Takes a response.
     *
     * @return whether it is signed as it has to be, or a STUN server's that was awaited
     */
    boolean receiveResponse(StunMessage response, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (gatherer != null && gatherer.awaits(response, sender)) {
            Optional<Gatherer.Mapping> mapping = gatherer.receive(response, sender, nowNanos);
            if (!isGathered) {
                mapping.flatMap(mapped -> locals.addServerReflexive(mapped.host(), mapped.server(), mapped.address()))
                        .ifPresent(this::announce);
            }
            return true;
        }
        return checks != null && checks.receiveResponse(response, base, sender, nowNanos);
    }

    void roleSwitched(long nowNanos) {
        if (checks != null) {
            checks.roleSwitched(nowNanos);
        }
    }

    /** Does what is due, but for requests. */
    void advance(long nowNanos) {
        if (gatherer != null && !isGathered && gatherer.isDone(nowNanos)) {
            isGathered = true;
            if (options.contains(IceDescription.TRICKLE)) {
                options.add(IceDescription.END_OF_CANDIDATES);
            }
            gatherer.silent().forEach(server -> session.tell(new IceEvent.ServerFailed(server, "no answer")));
            session.tell(new IceEvent.GatheringCompleted());
            if (checks == null) {
                enter(IceState.GATHERED);
            } else {
                checks.localCandidatesEnded();
            }
        }
        if (checks == null && isReady()) {
            startChecks(nowNanos);
        }
        if (checks != null) {
            checks.pairNewBases(nowNanos);
            checks.advance(nowNanos);
        }
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        AgentOutput.Transmit request = null;
        if (gatherer != null && !isGathered) {
            request = gatherer.nextDue(nowNanos);
        } else if (state == IceState.COMPLETED) {
            gatherer = null;
        }
        if (request == null && gatherer != null) {
            request = gatherer.nextKeepalive(nowNanos);
        }
        return request == null && checks != null ? checks.scheduler().nextRequest(nowNanos) : request;
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        long next = IceAgent.NEVER;
        if (gatherer != null) {
            next = Math.min(gatherer.keepaliveNanos(), isGathered ? IceAgent.NEVER : gatherer.nextDueNanos());
        }
        return checks == null ? next : Math.min(next, checks.scheduler().nextRequestNanos());
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        long next = gatherer == null || isGathered ? IceAgent.NEVER : gatherer.timeoutNanos();
        return checks == null ? next : Math.min(next, checks.deadlineNanos());
    }

    /** Why there is no way between the peers (any more), if that is so. */
    Optional<IceEvent.SessionFailed.Reason> failure(long nowNanos) {
        return checks == null ? Optional.empty() : checks.failure(nowNanos);
    }

    Optional<CandidatePair> selectedPair() {
        return checks == null ? Optional.empty() : checks.selectedPair();
    }

    List<CandidatePairStats> stats() {
        return checks == null ? List.of() : checks.stats();
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return checks != null && checks.isAuthenticated(base, sender);
    }

    // A peer that takes no trickle has nothing of ours before all candidates are gathered (RFC 8838 §6).
    private boolean isReady() {
        return remote != null && gatherer != null && (isGathered || agreement().isTrickled());
    }

    private Agreement agreement() {
        return Agreement.of(localDescription(), remote, config.pacing());
    }

    private void startChecks(long nowNanos) {
        Agreement agreement = agreement();
        messages.remote(remote.credentials());
        pacer.slowDownTo(agreement.pacingNanos());
        if (agreement.isRemoteLite() && !agreement.isLocalLite() && role.takeControl()) {
            session.tell(new IceEvent.RoleSwitched(role.role()));
        }
        checks = new ConnectivityChecks(
                this::enter, session, locals, remotes, messages, role, agreement, random, nowNanos);
        if (isGathered) {
            checks.localCandidatesEnded();
        }
        if (isRemoteEnded) {
            checks.remoteCandidatesEnded();
        }
        enter(IceState.CHECKING);
        for (EarlyChecks.EarlyCheck early : earlyChecks.take(messages::isFromDescribedPeer)) {
            checks.learn(early.request(), early.base(), early.sender(), nowNanos);
        }
    }

    private void tellState() {
        if (!isSuperseded) {
            session.tell(new IceEvent.StateChanged(state));
        }
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
