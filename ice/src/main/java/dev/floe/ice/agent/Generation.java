package dev.floe.ice.agent;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.ice.NamedPair;
import dev.floe.stun.StunMessage;
import dev.floe.stun.turn.TurnAllocation;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * All that goes with one pair of credentials: the candidates gathered under them, the other side's description, and the
 * checks between the two. A restart begins another (RFC 8445 §9).
 */
final class Generation {

    private static final long SEEK_NANOS = Duration.ofSeconds(4).toNanos();

    private final AgentSession session;
    private final IceConfig config;
    private final RandomGenerator random;
    private final RoleConflict role;
    private final Pacer pacer;
    private final IceCredentials credentials;
    private final CheckMessages messages;
    private final Gathering gathering;
    private final EarlyChecks earlyChecks = new EarlyChecks();
    private final Set<String> options = new LinkedHashSet<>();

    private RemoteCandidates remotes = new RemoteCandidates();
    private IceState state = IceState.NEW;
    private boolean isSuperseded;
    private IceDescription remote;
    private boolean isRemoteEnded;
    private boolean isProvisional;
    private boolean isSeeking;
    private ConnectivityChecks checks;

    Generation(AgentSession session, IceConfig config, RandomGenerator random, RoleConflict role, Pacer pacer) {
        this.session = session;
        this.config = config;
        this.random = random;
        this.role = role;
        this.pacer = pacer;
        credentials = IceCredentials.random(random);
        gathering = new Gathering(session, config, random);
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
        gathering.stop();
    }

    /** This generation counts again. */
    void resume() {
        isSuperseded = false;
        tellState();
    }

    /** The pair of another generation is in use from now on, and stays so whatever this one is told. */
    void retire() {
        if (checks != null) {
            checks.retire();
        }
    }

    void gather(GatherPlan plan, long nowNanos) {
        enter(IceState.GATHERING);
        gathering.begin(plan, nowNanos);
    }

    Gathering gathering() {
        return gathering;
    }

    void relayLost(TurnAllocation allocation, long nowNanos) {
        allocation.relayed().forEach(relayed -> baseLost(relayed, nowNanos));
    }

    /** What the other side is to be told; it says so when all candidates are in it. */
    IceDescription localDescription() {
        List<Candidate> candidates = gathering.locals().candidates().stream()
                .filter(candidate -> !config.directPairsOnRequest() || candidate.type() == CandidateType.RELAYED)
                .toList();
        return new IceDescription(credentials, null, options, candidates);
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
        return messages.remoteFragment();
    }

    /** Whether the other side goes by this username fragment, or did before it took others in its place. */
    boolean isDescribedAs(String usernameFragment) {
        return messages.isRemote(usernameFragment);
    }

    /** Fresh credentials of this side, which signaling never sees; the other side's checks may name them from now on. */
    IceCredentials newCredentials() {
        return messages.renewLocal();
    }

    /** By which this side goes, or did until a moment ago. */
    Stream<String> usernameFragments() {
        return messages.localFragments();
    }

    /** The other side's fresh credentials, which go into checks from now on, and those under way start over with them. */
    void remoteCredentials(IceCredentials credentials, long nowNanos) {
        messages.renewRemote(credentials, nowNanos);
        if (checks != null) {
            checks.rekeyed(nowNanos);
        }
    }

    /** Makes do with the description that another generation has, if any, until one of its own comes. */
    void inherit(Generation other) {
        isProvisional = true;
        remote = other.remote;
        messages.inherit(other.messages);
        remotes = other.remotes.signaled();
        isRemoteEnded = other.isRemoteEnded;
    }

    /** Takes a description in place of the one that there is, if there is one. */
    void describeAnew(IceDescription description, long nowNanos) {
        isProvisional = false;
        remote = description;
        messages.describe(description.credentials());
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
        if (checks != null && isContinual()) {
            checks.forgetOldest(nowNanos);
        }
        if (remotes.add(candidate, nowNanos)) {
            session.tell(new IceEvent.RemoteCandidateAdded(candidate));
            if (checks != null) {
                checks.remoteCandidateAdded(candidate, nowNanos);
            }
        } else if (checks != null && isContinual()) {
            checks.remoteCandidateAgain(candidate);
        }
    }

    /** Checks these pairs besides those of relays. */
    void checkDirect(Collection<NamedPair> pairs, long nowNanos) {
        if (checks != null) {
            checks.checkDirect(pairs, nowNanos);
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
                || gathering.locals().forBase(base, sender).isPresent();
    }

    /**
     * Whether a request is signed for these credentials, by the peer that was described if one was. A restart may be
     * under way on the other side too: then its new fragment is not known yet.
     */
    boolean owns(StunMessage request, long nowNanos) {
        return messages.isRequestAuthentic(request, nowNanos)
                && (checks == null || isProvisional || messages.isFromDescribedPeer(request));
    }

    CheckMessages messages() {
        return messages;
    }

    /** Takes a request that has been answered. */
    void learn(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        messages.received(request, nowNanos);
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
        return gathering.takes(response, sender, isContinual(), nowNanos)
                || (checks != null && checks.receiveResponse(response, base, sender, nowNanos));
    }

    /** This host's network has changed. */
    void networkChanged(GatherPlan plan, long nowNanos) {
        if (!gathering.hasBegun()) {
            return;
        }
        NetworkMove move = gathering.moveTo(plan);
        if (!isContinual()) {
            // By the book nothing is added after the fact; but from a socket that is gone nothing can be sent.
            move.lost().forEach(base -> baseLost(base, nowNanos));
            return;
        }
        if (isSuperseded) {
            gathering.follow(plan);
        } else if (move.isNothing()) {
            gathering.askAgain(nowNanos);
        } else {
            gathering.move(plan, nowNanos);
        }
        if (checks != null) {
            checks.localsChanged(nowNanos);
            if (move.isNothing()) {
                checks.suspect(nowNanos);
            } else {
                checks.moved(move.moved(), nowNanos);
            }
        }
    }

    void suspect(long nowNanos) {
        if (checks != null) {
            checks.suspect(nowNanos);
        }
    }

    void roleSwitched(long nowNanos) {
        if (checks != null) {
            checks.roleSwitched(nowNanos);
        }
    }

    /** Does what is due, but for requests. */
    void advance(long nowNanos) {
        if (!isSuperseded) {
            gathering.tellWithdrawn();
        }
        if (gathering.endsNow(nowNanos)) {
            gathered();
        }
        if (checks == null && isReady()) {
            startChecks(nowNanos);
        }
        if (checks != null) {
            checks.pairNewBases(nowNanos);
            checks.advance(nowNanos);
            seekMapping(nowNanos);
        }
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextRequest(long nowNanos) {
        if (hasSelected()) {
            gathering.stopIfOver(isContinual(), nowNanos);
        }
        AgentOutput.Transmit request = gathering.nextRequest(nowNanos);
        return request == null && checks != null ? checks.scheduler().nextRequest(nowNanos) : request;
    }

    /** When {@link #nextRequest} next has one, were it not for the pacing. */
    long nextRequestNanos() {
        long next = gathering.nextRequestNanos();
        return checks == null ? next : Math.min(next, checks.scheduler().nextRequestNanos());
    }

    /** When {@link #advance} next has something to do. */
    long deadlineNanos() {
        long next = Math.min(gathering.deadlineNanos(), seekNanos());
        return checks == null ? next : Math.min(next, checks.deadlineNanos());
    }

    /** Why there is no way between the peers (any more), if that is so. */
    Optional<IceEvent.SessionFailed.Reason> failure(long nowNanos) {
        return checks == null ? Optional.empty() : checks.failure(nowNanos);
    }

    Optional<CandidatePair> selectedPair() {
        return checks == null ? Optional.empty() : checks.selectedPair();
    }

    /** @param isInUse whether the selected pair is the one that carries data */
    List<CandidatePairStats> stats(boolean isInUse) {
        return checks == null ? List.of() : checks.stats(isInUse);
    }

    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return checks != null && checks.isAuthenticated(base, sender);
    }

    // Whoever has a NAT that has lost its mappings, or given others, learns it from a server alone: the other side's
    // NAT
    // may drop what comes from an address that it does not know.
    private void seekMapping(long nowNanos) {
        boolean isLost = checks.isPathLost() && !isSuperseded;
        if (isLost && (!isSeeking || nowNanos >= seekNanos())) {
            gathering.askAgain(nowNanos);
        }
        isSeeking = isLost;
    }

    private long seekNanos() {
        return isSeeking ? gathering.askedNanos() + SEEK_NANOS : IceAgent.NEVER;
    }

    // Whether candidates may come and go after all were told.
    private boolean isContinual() {
        if (remote == null) {
            return options.contains(IceDescription.CONTINUAL_GATHERING);
        }
        return checks == null ? agreement().isRevisable() : checks.isRevisable();
    }

    private void baseLost(InetSocketAddress base, long nowNanos) {
        gathering.locals().withdraw(base);
        if (checks != null) {
            checks.baseLost(base, nowNanos);
        }
    }

    private void gathered() {
        if (options.contains(IceDescription.TRICKLE)) {
            options.add(IceDescription.END_OF_CANDIDATES);
        }
        if (checks == null) {
            enter(IceState.GATHERED);
        } else {
            checks.localCandidatesEnded();
        }
    }

    // A peer that takes no trickle has nothing of ours before all candidates are gathered (RFC 8838 §6).
    private boolean isReady() {
        return remote != null
                && gathering.hasBegun()
                && (gathering.isDone() || agreement().isTrickled());
    }

    private Agreement agreement() {
        return Agreement.of(localDescription(), remote, config.pacing());
    }

    private void startChecks(long nowNanos) {
        Agreement agreement = agreement();
        pacer.slowDownTo(agreement.pacingNanos());
        if (agreement.isRemoteLite() && !agreement.isLocalLite() && role.takeControl()) {
            session.tell(new IceEvent.RoleSwitched(role.role()));
        }
        checks = new ConnectivityChecks(
                this::enter,
                session,
                gathering.locals(),
                remotes,
                messages,
                role,
                agreement,
                config.directPairsOnRequest(),
                random,
                nowNanos);
        if (gathering.isDone()) {
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
}
