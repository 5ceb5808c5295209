package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.NamedPair;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * An ICE agent (RFC 8445) without I/O: no channel, no buffer, no thread, no clock. Its whole contract:
 *
 * <ol>
 *   <li>Tell it things: {@link #gather}, {@link #addRelayed}, {@link #setRemoteDescription}, {@link #addRemoteCandidate},
 *       {@link #restart}, and {@link #receive} for each STUN message.
 *   <li>After each of them, {@link #poll} until it gives null, and do what it says.
 *   <li>Call {@link #advance} when {@link #deadlineNanos} has come, and poll again.
 *   <li>{@code nowNanos} counts from any fixed origin, is never negative and never runs backwards.
 *   <li>It is not thread-safe, and nothing that the network sends makes it throw.
 * </ol>
 */
public final class IceAgent {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    private final AgentSession session;
    private final RoleConflict role;
    private final Pacer pacer;
    private final Generations generations;
    private IceState end;

    /** @param random a secure one, since credentials and transaction ids come from it */
    public IceAgent(IceConfig config, RandomGenerator random, long nowNanos) {
        session = new AgentSession(config.directPairsOnRequest() ? CheckBudget.ofNamedPairs() : CheckBudget.ofIce());
        role = config.isLite() ? RoleConflict.ofLite(random) : new RoleConflict(config.role(), random);
        pacer = new Pacer(config.pacing().toNanos(), nowNanos);
        generations = new Generations(session, () -> new Generation(session, config, random, role, pacer));
    }

    /** Starts to gather: host candidates at once, server-reflexive ones as the servers answer. */
    public void gather(GatherPlan plan, long nowNanos) {
        if (state() != IceState.NEW) {
            throw new IllegalStateException("the agent is " + state() + ", expected NEW");
        }
        generations.current().gather(plan, nowNanos);
        run(nowNanos);
    }

    /**
     * Hands over what signaling brought, whereupon the checks start: at once if candidates may trickle in both ways,
     * otherwise when gathering is done. The same description again adds the candidates that it has more. One of other
     * credentials is a restart by the other side, or the answer to one by this side.
     */
    public void setRemoteDescription(IceDescription description, long nowNanos) {
        if (!isOver()) {
            generations.describe(description, nowNanos);
            run(nowNanos);
        }
    }

    /**
     * Hands over a candidate that came after the last description (RFC 8838 §11).
     *
     * @throws IllegalStateException if there is no remote description yet
     */
    public void addRemoteCandidate(Candidate candidate, long nowNanos) {
        if (!isOver()) {
            lastDescribed().forEach(generation -> generation.addRemoteCandidate(candidate, nowNanos));
            run(nowNanos);
        }
    }

    /**
     * Hands over a candidate of the description with this username fragment; if that is not in use any more, it does
     * nothing.
     */
    public void addRemoteCandidate(Candidate candidate, String usernameFragment, long nowNanos) {
        if (!isOver()) {
            generations
                    .describedAs(usernameFragment)
                    .forEach(generation -> generation.addRemoteCandidate(candidate, nowNanos));
            run(nowNanos);
        }
    }

    /**
     * The other side has told all candidates that go with its last description (RFC 8838 §14).
     *
     * @throws IllegalStateException if there is no remote description yet
     */
    public void endOfRemoteCandidates(long nowNanos) {
        if (!isOver()) {
            lastDescribed().forEach(Generation::endOfRemoteCandidates);
            run(nowNanos);
        }
    }

    /**
     * Checks these pairs, and of those that were named before and are not now forgets the ones that have shown nothing.
     * One whose local candidate is unknown or relayed is passed over, and so are all before there is somebody to check
     * with.
     */
    public void checkDirect(Collection<NamedPair> pairs, long nowNanos) {
        if (!isOver()) {
            generations.current().checkDirect(pairs, nowNanos);
            run(nowNanos);
        }
    }

    /**
     * Starts over with new credentials, which the other side is to be told; {@link #gather} has to follow. The pair in
     * use carries data and keeps its consent until the new checks have found another (RFC 8445 §9).
     */
    public void restart(long nowNanos) {
        if (!isOver()) {
            generations.restart();
            run(nowNanos);
        }
    }

    /**
     * Fresh credentials for this side, to be told to the other over a way that nobody else reads. Its checks may name them
     * from now on; those before are good until it does so, and three seconds more. What signaling has carried, {@link
     * #localDescription}, stays as it is: candidates go on naming its username fragment.
     */
    public IceCredentials newCredentials() {
        return generations.current().newCredentials();
    }

    /**
     * Takes the fresh credentials that the other side has told over such a way: checks name them from now on, and answers
     * that are signed with those before are taken for three seconds more.
     *
     * @throws IllegalStateException if there is no remote description yet
     */
    public void remoteCredentials(IceCredentials credentials, long nowNanos) {
        if (!isOver()) {
            lastDescribed().forEach(generation -> generation.remoteCredentials(credentials, nowNanos));
            run(nowNanos);
        }
    }

    /**
     * A relay has given addresses: candidates whose bases they are themselves (RFC 8445 §5.1.1.2), and over UDP a
     * server-reflexive one besides.
     */
    public void addRelayed(TurnAllocation allocation, TurnTransport transport, long nowNanos) {
        if (!isOver()) {
            generations.current().gathering().addRelayed(allocation, transport);
            run(nowNanos);
        }
    }

    /**
     * This host's network has changed: the same session goes on with what the plan has. Candidates of addresses that are
     * gone are withdrawn, those of new ones added, STUN is asked anew from every base, and what was proven over a base
     * whose addresses are others now has to be proven again. Relays that are gone are to be told of by {@link #relayLost},
     * and {@code plan.relays()} are awaited. Does nothing before {@link #gather}.
     */
    public void networkChanged(GatherPlan plan, long nowNanos) {
        if (!isOver()) {
            generations.networkChanged(plan, nowNanos);
            run(nowNanos);
        }
    }

    /** A relay that was awaited gives no address. */
    public void relayFailed(InetSocketAddress server, String reason, long nowNanos) {
        if (!isOver()) {
            generations.current().gathering().relayFailed(server, reason);
            run(nowNanos);
        }
    }

    /** A relay's addresses are gone: nothing is sent from them or comes to them any more. */
    public void relayLost(TurnAllocation allocation, InetSocketAddress server, String reason, long nowNanos) {
        if (!isOver()) {
            session.tell(new IceEvent.ServerFailed(server, reason));
            generations.relayLost(allocation, nowNanos);
            run(nowNanos);
        }
    }

    /**
     * The pair in use owes an answer: it is checked at once and, if it goes on owing it, so are the others. Does nothing
     * while no pair is in use.
     */
    public void suspect(long nowNanos) {
        if (!isOver()) {
            generations.suspect(nowNanos);
            run(nowNanos);
        }
    }

    /**
     * Takes a STUN message.
     *
     * @param base the local address that it arrived at, as the channel names it
     */
    public void receive(StunMessage message, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        if (isOver() || !message.method().equals(StunMethod.BINDING) || !generations.isOpen(base, sender)) {
            return;
        }
        if (message.hasFingerprint() && !message.hasValidFingerprint()) {
            session.droppedUnauthenticated();
            return;
        }
        switch (message.messageClass()) {
            case REQUEST -> receiveRequest(message, base, sender, nowNanos);
            case SUCCESS, ERROR -> {
                if (!generations.receiveResponse(message, base, sender, nowNanos)) {
                    session.droppedUnauthenticated();
                }
            }
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
        if (isOver()) {
            return NEVER;
        }
        long request = generations.nextRequestNanos();
        long next = generations.deadlineNanos();
        return request == NEVER ? next : Math.min(next, Math.max(request, pacer.nextSlotNanos()));
    }

    public IceState state() {
        return end == null ? generations.current().state() : end;
    }

    public IceRole role() {
        return role.role();
    }

    /** What to tell the other side; candidates may follow it until it says itself that it is complete. */
    public IceDescription localDescription() {
        return generations.current().localDescription();
    }

    /** What a check for this side may name in its USERNAME. */
    public Set<String> usernameFragments() {
        return generations.usernameFragments();
    }

    /** The pair in use, empty before the first nomination. */
    public Optional<CandidatePair> selectedPair() {
        return generations.selectedPair();
    }

    /** Whether the holder of the session's password has been heard from this address. */
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return !isOver() && generations.isAuthenticated(base, sender);
    }

    /** What has passed over each pair; after a restart those of the generation before come last. */
    public List<CandidatePairStats> stats() {
        return generations.stats();
    }

    /** How many STUN messages were dropped because they were not signed as they had to be. */
    public long unauthenticated() {
        return session.unauthenticated();
    }

    /** Ends the session; nothing is sent any more. */
    public void close() {
        if (!isOver()) {
            end(IceState.CLOSED);
        }
    }

    private boolean isOver() {
        return end != null;
    }

    private void end(IceState last) {
        end = last;
        session.tell(new IceEvent.StateChanged(last));
    }

    private List<Generation> lastDescribed() {
        List<Generation> described = generations.lastDescribed();
        if (described.isEmpty()) {
            throw new IllegalStateException("there is no remote description yet");
        }
        return described;
    }

    private void run(long nowNanos) {
        if (!isOver()) {
            generations.advance(nowNanos).ifPresent(this::fail);
        }
        while (!isOver() && pacer.isOpen(nowNanos)) {
            AgentOutput.Transmit request = generations.nextRequest(nowNanos);
            if (request == null) {
                return;
            }
            session.transmit(request);
            pacer.taken(nowNanos);
        }
    }

    private void fail(IceEvent.SessionFailed.Reason reason) {
        end(IceState.FAILED);
        session.tell(new IceEvent.SessionFailed(reason));
    }

    private void receiveRequest(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        // An unauthenticated request gets no 401: the port must not reflect what strangers send (RFC 8489 §9.1.3).
        Generation generation = generations.ownerOf(request, nowNanos).orElse(null);
        if (generation == null) {
            session.droppedUnauthenticated();
            return;
        }
        CheckMessages messages = generation.messages();
        if (!request.unknownComprehensionRequired().isEmpty()) {
            session.answer(messages.unknownAttribute(request, nowNanos), base, sender);
            return;
        }
        RoleConflict.Verdict verdict = role.judge(request);
        if (verdict == RoleConflict.Verdict.REFUSE) {
            session.answer(messages.roleConflict(request, nowNanos), base, sender);
            return;
        }
        if (verdict == RoleConflict.Verdict.SWITCH) {
            session.tell(new IceEvent.RoleSwitched(role()));
            generations.roleSwitched(nowNanos);
        }
        // The answer needs only the local password, so it goes out even before the other side's description has come.
        session.answer(messages.success(request, sender, nowNanos), base, sender);
        generation.learn(request, base, sender, nowNanos);
    }
}
