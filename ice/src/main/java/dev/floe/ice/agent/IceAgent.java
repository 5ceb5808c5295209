package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
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
 *   <li>Tell it things: {@link #gather}, {@link #setRemoteDescription}, {@link #addRemoteCandidate}, and {@link #receive}
 *       for each STUN message.
 *   <li>After each of them, {@link #poll} until it gives null, and do what it says.
 *   <li>Call {@link #advance} when {@link #deadlineNanos} has come, and poll again.
 *   <li>{@code nowNanos} counts from any fixed origin, is never negative and never runs backwards.
 *   <li>It is not thread-safe, and nothing that the network sends makes it throw.
 * </ol>
 */
public final class IceAgent {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    private final AgentSession session = new AgentSession();
    private final RoleConflict role;
    private final Pacer pacer;
    private final Generation generation;

    /** @param random a secure one, since credentials and transaction ids come from it */
    public IceAgent(IceConfig config, RandomGenerator random, long nowNanos) {
        role = new RoleConflict(config.role(), random.nextLong());
        pacer = new Pacer(config.pacing().toNanos(), nowNanos);
        generation = new Generation(session, config, random, role, pacer);
    }

    /** Starts to gather: host candidates at once, server-reflexive ones as the servers answer. */
    public void gather(GatherPlan plan, long nowNanos) {
        if (state() != IceState.NEW) {
            throw new IllegalStateException("the agent is " + state() + ", expected NEW");
        }
        generation.gather(plan, nowNanos);
        run(nowNanos);
    }

    /**
     * Hands over what signaling brought, whereupon the checks start: at once if candidates may trickle in both ways,
     * otherwise when gathering is done. The same description again adds the candidates that it has more.
     *
     * @throws IllegalStateException if there is a description of other credentials already
     */
    public void setRemoteDescription(IceDescription description, long nowNanos) {
        if (isOver()) {
            return;
        }
        if (generation.isDescribed() && !generation.isOf(description)) {
            throw new IllegalStateException("there is a remote description of other credentials already");
        }
        generation.describe(description, nowNanos);
        run(nowNanos);
    }

    /**
     * Hands over a candidate that came after its description (RFC 8838 §11).
     *
     * @throws IllegalStateException if there is no remote description yet
     */
    public void addRemoteCandidate(Candidate candidate, long nowNanos) {
        if (isOver()) {
            return;
        }
        requireDescribed();
        generation.addRemoteCandidate(candidate, nowNanos);
        run(nowNanos);
    }

    /**
     * The other side has told all of its candidates (RFC 8838 §14).
     *
     * @throws IllegalStateException if there is no remote description yet
     */
    public void endOfRemoteCandidates(long nowNanos) {
        if (isOver()) {
            return;
        }
        requireDescribed();
        generation.endOfRemoteCandidates();
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
            session.droppedUnauthenticated();
            return;
        }
        switch (message.messageClass()) {
            case REQUEST -> receiveRequest(message, base, sender, nowNanos);
            case SUCCESS, ERROR -> {
                if (!generation.receiveResponse(message, base, sender, nowNanos)) {
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
        long request = generation.nextRequestNanos();
        long next = generation.deadlineNanos();
        return request == NEVER ? next : Math.min(next, Math.max(request, pacer.nextSlotNanos()));
    }

    public IceState state() {
        return generation.state();
    }

    public IceRole role() {
        return role.role();
    }

    /** What to tell the other side; candidates may follow it until it says itself that it is complete. */
    public IceDescription localDescription() {
        return generation.localDescription();
    }

    /** The pair in use, empty before the first nomination. */
    public Optional<CandidatePair> selectedPair() {
        return generation.selectedPair();
    }

    /** Whether the holder of the session's password has been heard from this address. */
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return !isOver() && generation.isAuthenticated(base, sender);
    }

    /** How many STUN messages were dropped because they were not signed as they had to be. */
    public long unauthenticated() {
        return session.unauthenticated();
    }

    /** Ends the session; nothing is sent any more. */
    public void close() {
        if (!isOver()) {
            generation.enter(IceState.CLOSED);
        }
    }

    private boolean isOver() {
        return state() == IceState.FAILED || state() == IceState.CLOSED;
    }

    private void requireDescribed() {
        if (!generation.isDescribed()) {
            throw new IllegalStateException("a candidate came before the description that it belongs to");
        }
    }

    private void run(long nowNanos) {
        if (!isOver()) {
            generation.advance(nowNanos);
            generation.failure(nowNanos).ifPresent(this::fail);
        }
        while (!isOver() && pacer.isOpen(nowNanos)) {
            AgentOutput.Transmit request = generation.nextRequest(nowNanos);
            if (request == null) {
                return;
            }
            session.transmit(request);
            pacer.taken(nowNanos);
        }
    }

    private void fail(IceEvent.SessionFailed.Reason reason) {
        generation.enter(IceState.FAILED);
        session.tell(new IceEvent.SessionFailed(reason));
    }

    private void receiveRequest(StunMessage request, InetSocketAddress base, InetSocketAddress sender, long nowNanos) {
        // An unauthenticated request gets no 401: the port must not reflect what strangers send (RFC 8489 §9.1.3).
        if (!generation.owns(request)) {
            session.droppedUnauthenticated();
            return;
        }
        CheckMessages messages = generation.messages();
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
            generation.roleSwitched(nowNanos);
        }
        // The answer needs only the local password, so it goes out even before the other side's description has come.
        session.answer(messages.success(request, sender), base, sender);
        generation.learn(request, base, sender, nowNanos);
    }
}
