package dev.floe.ice;

import dev.floe.ice.agent.AgentOutput;
import dev.floe.ice.agent.GatherPlan;
import dev.floe.ice.agent.IceAgent;
import dev.floe.stun.StunDatagram;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs an ICE session (RFC 8445) on a datagram channel, for the channel's whole life. It stands behind a
 * {@link dev.floe.stun.StunCodec}, consumes every STUN message, passes everything else on, and fires an
 * {@link IceEvent} for each thing that happens.
 *
 * <p>When gathering starts it puts a {@link dev.floe.stun.turn.TurnClientHandler} first into the pipeline for each TURN
 * server of its configuration, whose {@link dev.floe.stun.turn.TurnEvent}s reach the handlers behind it as well, and takes
 * them away when the session is closed.
 *
 * <p>It follows this machine's network for as long as the session lives: what changes is gathered anew under the same
 * credentials, and told by {@link IceEvent.NetworkChanged} and {@link IceEvent.LocalCandidateAdded}. Under
 * {@link AddressPolicy#ALL} each interface that the default route does not use has a socket of its own on the channel's
 * event loop, whose datagrams pass through the channel's pipeline: the recipient of an inbound {@code DatagramPacket}, or
 * the sender of an outbound one, is that socket's address.
 *
 * <p>The methods that return a future or nothing may be called from any thread, once the handler is in a pipeline; the
 * others belong on the channel's event loop.
 */
public final class IceHandler extends ChannelInboundHandlerAdapter {

    private final IceConfig config;
    private final SecureRandom random = new SecureRandom();
    private final long originNanos = System.nanoTime();
    private final List<IceEvent> events = new ArrayList<>();

    private final Relays relays;
    private final MdnsCandidates mdns;
    private final LocalBases bases;

    private ChannelHandlerContext ctx;
    private IceAgent agent;
    private Promise<IceDescription> gathered;
    private Promise<CandidatePair> connected;
    private Promise<IceEvent.SessionFailed> failed;
    private ScheduledFuture<?> timer;
    private long timerNanos = IceAgent.NEVER;
    private boolean isDraining;
    private boolean isPipelineComplete;
    private List<InetSocketAddress> servers = List.of();

    /**
     * An agent for one session; it starts with {@link #gather}.
     *
     * @param config what it needs to know
     */
    public IceHandler(IceConfig config) {
        this(config, NetworkWatch.SYSTEM);
    }

    /**
     * An agent for one of several sessions over one socket, on a channel of its own.
     *
     * @param config what it needs to know
     * @param relays of the same TURN servers as the configuration's, in the pipeline of the channel that all share
     */
    public IceHandler(IceConfig config, SharedRelays relays) {
        this.config = config;
        this.relays = relays.forSession(new RelaysToAgent());
        mdns = new MdnsCandidates(config.interfaceFilter());
        bases = new LocalBases(config, NetworkWatch.SYSTEM, new NetworkToAgent());
    }

    IceHandler(IceConfig config, NetworkWatch watch) {
        this.config = config;
        relays = new TurnRelays(new RelaysToAgent());
        mdns = new MdnsCandidates(config.interfaceFilter());
        bases = new LocalBases(config, watch, new NetworkToAgent());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        agent = new IceAgent(config, random, nowNanos());
        gathered = ctx.executor().newPromise();
        connected = ctx.executor().newPromise();
        failed = ctx.executor().newPromise();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        close();
    }

    /**
     * Starts to gather candidates, on a channel that is bound.
     *
     * @return this side's description; a STUN server that does not answer holds it up for the gather time-out at most, a
     *     relay for five seconds. Fails with an {@link IllegalStateException} if the channel is not bound yet
     * @throws IllegalStateException if the handler is in no pipeline yet: off the event loop, adding it takes effect later
     */
    public Future<IceDescription> gather() {
        if (ctx == null) {
            throw new IllegalStateException("the handler is in no pipeline yet, add it in a ChannelInitializer");
        }
        if (!(ctx.channel().localAddress() instanceof InetSocketAddress base)) {
            return ctx.executor().newFailedFuture(new IllegalStateException("the channel is not bound yet"));
        }
        StunServers.resolve(config.stunServers(), config.gatherTimeout())
                .thenAccept(resolved -> {
                    HostAddresses found = bases.find(base.getAddress(), resolved);
                    ctx.executor().execute(() -> openBases(found, resolved));
                })
                .exceptionally(cause -> {
                    gathered.tryFailure(cause);
                    return null;
                });
        return gathered;
    }

    /**
     * What to tell the other side of this one at this moment: if both sides offer to trickle it may go out at once, and
     * each {@link IceEvent.LocalCandidateAdded} and the {@link IceEvent.GatheringCompleted} after it. A peer that does
     * not takes what {@link #gather} completes with. On the event loop.
     *
     * @return with the candidates found so far
     */
    public IceDescription localDescription() {
        return agent.localDescription();
    }

    /**
     * Hands over the other side's description, upon which the checks start. If it {@linkplain IceDescription#isComplete
     * promises more candidates}, those follow one by one or in the same description once more. A later description of
     * other credentials is a restart by the other side, upon which this side is {@link IceEvent.Restarted} too, or the
     * answer to a restart.
     *
     * @param remote as signaled
     * @return completes once the agent has it
     */
    public Future<?> setRemoteDescription(IceDescription remote) {
        return tell(() -> {
            agent.setRemoteDescription(remote, nowNanos());
            String usernameFragment = remote.credentials().usernameFragment();
            remote.candidates().forEach(candidate -> resolveIfNamed(candidate, usernameFragment));
        });
    }

    /**
     * Hands over a candidate that came after its description (RFC 8838 §11); if it names that one's username fragment, as
     * others' candidates do, it goes with that one alone.
     *
     * @param candidate as signaled
     * @return fails with an {@link IllegalStateException} if there is no remote description yet
     */
    public Future<?> addRemoteCandidate(Candidate candidate) {
        if (candidate.usernameFragment() != null) {
            return addRemoteCandidate(candidate, candidate.usernameFragment());
        }
        return tell(() -> {
            agent.addRemoteCandidate(candidate, nowNanos());
            resolveIfNamed(candidate, null);
        });
    }

    /**
     * The other side has told all of its candidates (RFC 8838 §14).
     *
     * @return fails with an {@link IllegalStateException} if there is no remote description yet
     */
    public Future<?> endOfRemoteCandidates() {
        return tell(() -> agent.endOfRemoteCandidates(nowNanos()));
    }

    /**
     * As {@link #addRemoteCandidate(Candidate)}, for a candidate that says to which description it belongs.
     *
     * @param candidate as signaled
     * @param usernameFragment of the description that it belongs to
     * @return as of {@link #addRemoteCandidate(Candidate)}
     */
    public Future<?> addRemoteCandidate(Candidate candidate, String usernameFragment) {
        return tell(() -> {
            agent.addRemoteCandidate(candidate, usernameFragment, nowNanos());
            resolveIfNamed(candidate, usernameFragment);
        });
    }

    /**
     * Checks these pairs, of an agent that by its {@link IceConfig#directPairsOnRequest() configuration} pairs only relays
     * by itself. Whatever was named before and is not now is forgotten, unless it has been answered or heard: so several
     * calls with ever more pairs add to what is under way, and one with none ends it. On the event loop.
     *
     * @param pairs all that are to be checked now; one with a local address that is no candidate's is passed over
     */
    public void checkDirect(Collection<NamedPair> pairs) {
        agent.checkDirect(pairs, nowNanos());
        drain();
    }

    /**
     * Starts over with new credentials and candidates (RFC 8445 §9). The pair in use carries data until another is
     * nominated. The other side is to be told what the future completes with or, sooner, what
     * {@link IceEvent.Restarted} says and the candidates after it; it answers with a description of new credentials.
     *
     * @return this side's new description, when gathering is done
     */
    public Future<IceDescription> restart() {
        Promise<IceDescription> described = ctx.executor().newPromise();
        ctx.executor().execute(() -> {
            if (isOver()) {
                described.setFailure(new IceException("the session is over"));
                return;
            }
            agent.restart(nowNanos());
            drain();
            PromiseNotifier.cascade(gathered, described);
        });
        return described;
    }

    /**
     * Looks at the network now, as after a datagram that could not be sent; what has changed follows as
     * {@link IceEvent.NetworkChanged}. It is looked at many times a second anyway.
     */
    public void networkChanged() {
        bases.look();
    }

    /**
     * The pair in use owes an answer, as when the data sent over it is not acknowledged: it is checked at once, and then
     * the others. While no pair is in use it does nothing.
     */
    public void suspect() {
        if (ctx != null) {
            tell(() -> agent.suspect(nowNanos()));
        }
    }

    /**
     * Makes fresh credentials under which checks are accepted from now on, besides those of before until the other side's
     * checks come with the new ones. The other side is to be told of them in a way that whoever carries the signaling
     * cannot read. On the event loop.
     *
     * @return the fresh credentials
     */
    public IceCredentials newCredentials() {
        IceCredentials fresh = agent.newCredentials();
        ctx.fireUserEventTriggered(new IceEvent.CredentialsAdded());
        return fresh;
    }

    /**
     * Of this side: what a check for it may name in its USERNAME (RFC 8445 §7.2.2). It changes with
     * {@link IceEvent.CredentialsAdded} and {@link IceEvent.Restarted}; some may go out of use without a word. On the event
     * loop.
     *
     * @return a few, not empty
     */
    public Set<String> usernameFragments() {
        return agent.usernameFragments();
    }

    /**
     * The other side's fresh credentials, which checks carry from now on. On the event loop.
     *
     * @param credentials of the description in force
     */
    public void remoteCredentials(IceCredentials credentials) {
        agent.remoteCredentials(credentials, nowNanos());
        drain();
    }

    /** {@return the first nominated pair; fails with an {@link IceException} if there will be none} */
    public Future<CandidatePair> connected() {
        return connected;
    }

    /**
     * {@return a future that completes when the session fails, be it before a pair was found or when consent expires;
     * cancelled at close}
     */
    public Future<IceEvent.SessionFailed> sessionFailed() {
        return failed;
    }

    /** {@return the pair in use, empty before the first nomination} On the event loop. */
    public Optional<CandidatePair> selectedPair() {
        return agent.selectedPair();
    }

    /**
     * Whether the other side has been heard, authenticated, from this address. On the event loop.
     *
     * @param base the local address that a datagram came to, its recipient
     * @param sender where it came from
     * @return false also before the first check
     */
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        return agent.isAuthenticated(base, sender);
    }

    /** {@return what has passed over each candidate pair: STUN only, data is for whoever handles it to add} */
    public Future<List<CandidatePairStats>> stats() {
        return ctx.executor().submit(agent::stats);
    }

    /** {@return where the session stands} On the event loop. */
    public IceState state() {
        return agent.state();
    }

    /** {@return the role, which a conflict may have switched} On the event loop. */
    public IceRole role() {
        return agent.role();
    }

    /** {@return how many STUN messages were dropped for not being signed as they had to be} On the event loop. */
    public long unauthenticated() {
        return agent.unauthenticated();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof StunDatagram datagram) {
            agent.receive(datagram.content(), datagram.recipient(), datagram.sender(), nowNanos());
            datagram.release();
            drain();
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        close();
        ctx.fireChannelInactive();
    }

    private void openBases(HostAddresses found, List<InetSocketAddress> resolved) {
        if (agent.state() == IceState.NEW) {
            servers = resolved;
            bases.start(ctx, resolved, found).addListener(opened -> startGathering());
        }
    }

    private void startGathering() {
        if (agent.state() == IceState.NEW) {
            completePipeline();
            agent.gather(plan(config.turnServers().size()), nowNanos());
            drain();
            relays.start(config.pacing());
        }
    }

    private void completePipeline() {
        if (!isPipelineComplete) {
            isPipelineComplete = true;
            relays.open(
                    ctx, config.turnServers().stream().map(config.turnConfig()).toList());
            config.socketInitializer().accept(ctx.channel());
        }
    }

    private GatherPlan plan(int awaitedRelays) {
        List<GatherPlan.Host> hosts = bases.hosts();
        List<InetAddress> hidden = config.hidesHostAddresses()
                ? hosts.stream().map(host -> host.address().getAddress()).toList()
                : List.of();
        return new GatherPlan(
                hosts,
                config.addressPolicy() == AddressPolicy.RELAY_ONLY ? List.of() : servers,
                awaitedRelays,
                mdns.namesFor(ctx, hidden));
    }

    // Only relays are spoken to through relays, and they must not learn what a name hides.
    private void resolveIfNamed(Candidate candidate, String usernameFragment) {
        if (candidate.address().isUnresolved() && config.addressPolicy() != AddressPolicy.RELAY_ONLY) {
            mdns.resolve(ctx, candidate.ofGeneration(usernameFragment), this::addRemoteCandidate);
        }
    }

    private boolean isOver() {
        return agent.state() == IceState.FAILED || agent.state() == IceState.CLOSED;
    }

    private Future<?> tell(Runnable command) {
        return ctx.executor().submit(() -> {
            command.run();
            drain();
        });
    }

    private void close() {
        agent.close();
        drain();
        bases.stop();
        relays.stop();
        mdns.close();
        gathered.tryFailure(new IceException("the channel was closed"));
        connected.tryFailure(new IceException("the channel was closed"));
        failed.cancel(false);
    }

    // Writes first and tells later: an answer does not wait for what a handler does on an event. A handler that calls
    // back in finds its outputs drained by the loop that is already running.
    private void drain() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        while (takeAll()) {
            ctx.flush();
            List<IceEvent> fired = List.copyOf(events);
            events.clear();
            fired.forEach(this::fire);
        }
        isDraining = false;
        rearm();
    }

    private boolean takeAll() {
        AgentOutput output = agent.poll();
        boolean isAny = output != null;
        for (; output != null; output = agent.poll()) {
            if (output instanceof AgentOutput.Transmit transmit) {
                ctx.write(new StunDatagram(transmit.message(), transmit.destination(), transmit.base()));
            } else if (output instanceof AgentOutput.Notify notify) {
                events.add(notify.event());
            }
        }
        return isAny;
    }

    private void fire(IceEvent event) {
        if (event instanceof IceEvent.GatheringCompleted) {
            gathered.trySuccess(agent.localDescription());
        } else if (event instanceof IceEvent.Restarted) {
            gathered = gathered.isDone() ? ctx.executor().newPromise() : gathered;
            gather();
        } else if (event instanceof IceEvent.PairNominated nominated) {
            connected.trySuccess(nominated.pair());
        } else if (event instanceof IceEvent.PathLost lost) {
            relays.failed(lost.pair().base());
            // The NAT may have given this host another address.
            agent.networkChanged(plan(0), nowNanos());
        } else if (event instanceof IceEvent.PairStateChanged changed) {
            tellRelays(changed);
        }
        ctx.fireUserEventTriggered(event);
        // Last, so that whoever ends things on this future finds handlers that have stopped sending.
        if (event instanceof IceEvent.SessionFailed failure) {
            gathered.tryFailure(new IceException(failure.reason()));
            connected.tryFailure(new IceException(failure.reason()));
            failed.trySuccess(failure);
        }
    }

    private void tellRelays(IceEvent.PairStateChanged changed) {
        if (changed.state() == CandidatePairState.SUCCEEDED) {
            relays.succeeded(changed.pair().base());
        } else if (changed.state() == CandidatePairState.FAILED) {
            relays.failed(changed.pair().base());
        }
    }

    private void rearm() {
        long deadline = agent.deadlineNanos();
        if (deadline == timerNanos) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = deadline;
        timer = deadline == IceAgent.NEVER
                ? null
                : ctx.executor().schedule(this::advance, deadline - nowNanos(), TimeUnit.NANOSECONDS);
    }

    private void advance() {
        timerNanos = IceAgent.NEVER;
        agent.advance(nowNanos());
        drain();
    }

    private long nowNanos() {
        return System.nanoTime() - originNanos;
    }

    private final class RelaysToAgent implements Relays.Listener {

        @Override
        public void allocated(TurnServer server, TurnAllocation allocation) {
            agent.addRelayed(allocation, server.transport(), nowNanos());
            drain();
        }

        @Override
        public void failed(TurnServer server, Throwable cause) {
            agent.relayFailed(server.address(), cause.getMessage(), nowNanos());
            drain();
        }

        @Override
        public void lost(TurnServer server, TurnAllocation allocation, Throwable cause) {
            agent.relayLost(allocation, server.address(), cause.getMessage(), nowNanos());
            drain();
        }

        @Override
        public void moved(TurnServer server, TurnAllocation allocation) {
            // The relayed addresses are the same, the one that the server saw is not.
            agent.addRelayed(allocation, server.transport(), nowNanos());
            agent.suspect(nowNanos());
            drain();
        }
    }

    private final class NetworkToAgent implements LocalBases.Listener {

        @Override
        public void changed(Set<Class<? extends InetAddress>> moved) {
            if (isOver()) {
                return;
            }
            if (!moved.isEmpty()) {
                mdns.moved(ctx);
                relays.moved(moved);
                // Before the candidates that follow it, so that signaling finds its way anew before it has to tell
                // them.
                ctx.fireUserEventTriggered(new IceEvent.NetworkChanged());
            }
            agent.networkChanged(plan(0), nowNanos());
            drain();
        }

        @Override
        public void silent(InetAddress address) {
            if (!isOver()) {
                ctx.fireUserEventTriggered(new IceEvent.AddressSilent(address));
            }
        }
    }
}
