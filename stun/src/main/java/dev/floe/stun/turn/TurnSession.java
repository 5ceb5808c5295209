package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.AlternateDomain;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;

/**
 * A TURN client (RFC 8656) without I/O: no channel, no buffer, no thread, no clock. Its whole contract:
 *
 * <ol>
 *   <li>Tell it things: {@link #allocate}, {@link #connected} and {@link #disconnected}, {@link #receive} for each STUN
 *       message of the server, {@link #sent} for each datagram to it.
 *   <li>After each of them, {@link #poll} until it gives null, and do what it says.
 *   <li>Call {@link #advance} when {@link #deadlineNanos} has come, and poll again.
 *   <li>{@code nowNanos} counts from any fixed origin and never runs backwards.
 *   <li>It is not thread-safe, and nothing that the network sends makes it throw.
 * </ol>
 */
final class TurnSession implements AllocationFaults {
    /** A deadline that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    static final int ALLOCATION_MISMATCH = 437;

    private static final int TRY_ALTERNATE = 300;
    private static final int BAD_REQUEST = 400;
    private static final int MOBILITY_FORBIDDEN = 405;
    private static final int FAMILY_NOT_SUPPORTED = 440;
    private static final int QUOTA_REACHED = 486;
    private static final int SERVER_ERROR = 500;
    private static final int INSUFFICIENT_CAPACITY = 508;

    /** Less than what NATs keep a UDP mapping for (RFC 8445, section 11). */
    private static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** Coturn frees an address about a second after its allocation has been released. */
    private static final long RELEASE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long MAX_RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private enum State {
        /** Nothing is wanted, or nothing more is tried. */
        IDLE,
        /** On the way to an allocation: connecting, asking. */
        ALLOCATING,
        /** There is an allocation. */
        ALLOCATED,
        /** There is one for another address of the client, and it is asked to follow. */
        RESUMING,
        /** An allocation was lost, and could not be replaced yet; the next attempt comes in a while. */
        WAITING,
        CLOSED
    }

    private final TurnConfig config;
    private final boolean isReliable;
    private final RandomGenerator random;
    private final Queue<TurnOutput> outputs = new ArrayDeque<>();

    private State state = State.IDLE;
    private InetSocketAddress configured;
    private InetSocketAddress server;
    private String host;
    private Redirections redirections;
    private TurnTransactions transactions;
    private TurnAllocation allocation;
    private TurnPermissions permissions;
    private ChannelBindings channels;
    private Optional<MobilityTicket> ticket = Optional.empty();
    private boolean isMobile;
    private boolean isProbing;
    private TurnFamilies families;
    private boolean isReplacement;
    private boolean isStaleReleased;
    private int losses;

    private long refreshNanos = NEVER;
    private long allocateNanos = NEVER;
    private long retryNanos = NEVER;
    private long sentNanos;

    TurnSession(TurnConfig config, RandomGenerator random) {
        this.config = config;
        this.isReliable = config.server().transport() != TurnTransport.UDP;
        this.random = random;
    }

    /**
     * Asks for an allocation, unless there is one or one is on its way.
     *
     * @param server the configured server's address, resolved
     */
    void allocate(InetSocketAddress server, long nowNanos) {
        if (state == State.IDLE || state == State.WAITING) {
            configured = server;
            begin();
        }
    }

    /** There is a way to the server. */
    void connected(long nowNanos) {
        sentNanos = nowNanos;
        if (state == State.ALLOCATING) {
            requestAllocation(nowNanos);
        } else if (state == State.RESUMING) {
            requestMove(nowNanos);
        }
    }

    /** There is no way to the server, or no longer. */
    void disconnected(TurnException cause, long nowNanos) {
        switch (state) {
            case ALLOCATING -> unavailable(cause, nowNanos);
            case ALLOCATED -> follow(cause, nowNanos);
            case RESUMING -> lost(cause, nowNanos);
            default -> {}
        }
    }

    /** The client's address has changed, which the server cannot know. */
    void moved(long nowNanos) {
        if (state == State.ALLOCATED) {
            follow(new TurnException("the client's address has changed"), nowNanos);
        }
    }

    /** Takes a message of the server; whether it answered a request of this client. */
    boolean receive(StunMessage message, long nowNanos) {
        return transactions != null && transactions.receive(message, nowNanos);
    }

    /** A datagram has been sent to the server, which keeps the way open. */
    void sent(long nowNanos) {
        sentNanos = nowNanos;
    }

    /** Does what is due. Calling it early does nothing. */
    void advance(long nowNanos) {
        if (retryNanos <= nowNanos) {
            begin();
        }
        if (allocateNanos <= nowNanos) {
            requestAllocation(nowNanos);
        }
        if (transactions != null) {
            transactions.advance(nowNanos);
        }
        if (state == State.ALLOCATED) {
            permissions.advance(nowNanos);
            channels.advance(nowNanos);
            if (refreshNanos <= nowNanos) {
                refresh(nowNanos);
            }
            if (keepaliveNanos() <= nowNanos) {
                keepAlive(nowNanos);
            }
        }
    }

    /** The next thing to do, or null. */
    TurnOutput poll() {
        return outputs.poll();
    }

    /** Whether a Binding response may be this client's. */
    boolean isProbing() {
        return isProbing;
    }

    boolean hasOutput() {
        return !outputs.isEmpty();
    }

    /** When {@link #advance} is to be called next, or {@link #NEVER}. */
    long deadlineNanos() {
        long attempt = Math.min(retryNanos, allocateNanos);
        long deadline = Math.min(attempt, transactions == null ? NEVER : transactions.deadlineNanos());
        if (state != State.ALLOCATED) {
            return deadline;
        }
        long data = Math.min(permissions.deadlineNanos(), channels.deadlineNanos());
        return Math.min(Math.min(deadline, data), Math.min(refreshNanos, keepaliveNanos()));
    }

    /** Null while there is none. */
    TurnAllocation allocation() {
        return allocation;
    }

    /** Where the peer's permission stands; only while there is an allocation. */
    TurnPermission.State permit(InetAddress peer, long nowNanos) {
        return permissions.permit(peer, nowNanos);
    }

    /** Whether data of the peer may pass; only while there is an allocation. */
    boolean isWanted(InetAddress peer) {
        return permissions.isWanted(peer);
    }

    /**
     * The channel to send on, or {@link ChannelBindings#NONE} for now; only while there is an allocation.
     *
     * @param isData whether it is worth a channel, if there is none yet
     */
    int channelFor(InetSocketAddress peer, boolean isData, long nowNanos) {
        return isData ? channels.channelFor(peer, nowNanos) : channels.boundChannel(peer);
    }

    /** Whom data on the channel comes from, or null; only while there is an allocation. */
    InetSocketAddress peerOf(int channel) {
        return channels.peerOf(channel);
    }

    /** Releases the allocation, without waiting for the server to say so (RFC 8656, section 8). Nothing comes after. */
    void close() {
        if (allocation != null) {
            transactions.sendOnce(release());
        }
        end(State.CLOSED);
        transactions = null;
    }

    @Override
    public void mismatched(TurnException cause, long nowNanos) {
        if (state == State.ALLOCATED) {
            follow(cause, nowNanos);
        }
    }

    @Override
    public void unanswered(long nowNanos) {
        refreshNanos = Math.min(refreshNanos, nowNanos);
    }

    private void begin() {
        retryNanos = NEVER;
        families = config.families();
        isMobile = config.isMobile();
        redirections = new Redirections();
        connect(configured, config.server().address().getHostString());
    }

    private void connect(InetSocketAddress to, String host) {
        state = State.ALLOCATING;
        server = to;
        this.host = host;
        isStaleReleased = false;
        transactions = new TurnTransactions(
                "the TURN server " + server, random, config.server().credential(), isReliable, this::transmit);
        outputs.add(new TurnOutput.Connect(server, host));
    }

    /** The allocation is no longer there for this address of the client: it follows if it can. */
    private void follow(TurnException cause, long nowNanos) {
        if (ticket.isPresent()) {
            resume(nowNanos);
        } else {
            lost(cause, nowNanos);
        }
    }

    private void transmit(StunMessage message) {
        outputs.add(new TurnOutput.Transmit(message));
    }

    private void notify(TurnEvent event) {
        outputs.add(new TurnOutput.Notify(event));
    }

    private void allocated(StunMessage response, long nowNanos) {
        List<InetSocketAddress> relayed = response.attributes().stream()
                .filter(XorRelayedAddress.class::isInstance)
                .map(attribute -> ((XorRelayedAddress) attribute).address())
                .toList();
        Optional<XorMappedAddress> mapped = response.find(XorMappedAddress.class);
        if (relayed.isEmpty() || mapped.isEmpty()) {
            String missing = relayed.isEmpty() ? "XOR-RELAYED-ADDRESS" : "XOR-MAPPED-ADDRESS";
            giveUp(new TurnException("the TURN server " + server + " answered ALLOCATE without " + missing));
            return;
        }
        state = State.ALLOCATED;
        isReplacement = true;
        allocation = new TurnAllocation(server, relayed, mapped.get().address());
        permissions = new TurnPermissions(transactions, this, outputs::add);
        channels = new ChannelBindings(transactions, this);
        keep(response, nowNanos);
        notify(new TurnEvent.Allocated(allocation));
    }

    private void allocateFailed(TurnException cause, StunMessage response, long nowNanos) {
        if (cause.code() == TRY_ALTERNATE) {
            redirect(cause, response);
        } else if (cause.code() == ALLOCATION_MISMATCH && !isStaleReleased) {
            // An allocation of ours that this address had before, and whose release was lost.
            isStaleReleased = true;
            transactions.start(release(), nowNanos);
        } else if (cause.code() == FAMILY_NOT_SUPPORTED && families == TurnFamilies.BOTH) {
            families = TurnFamilies.IPV6;
            requestAllocation(nowNanos);
        } else if (cause.code() == MOBILITY_FORBIDDEN && isMobile) {
            isMobile = false;
            requestAllocation(nowNanos);
        } else {
            unavailable(cause, nowNanos);
        }
    }

    private void unavailable(TurnException cause, long nowNanos) {
        if (isReplacement && isPassing(cause.code())) {
            retry(cause, nowNanos);
        } else {
            giveUp(cause);
        }
    }

    private void redirect(TurnException cause, StunMessage response) {
        Optional<InetSocketAddress> alternate = redirections.follow(server, response);
        if (alternate.isPresent()) {
            connect(
                    alternate.get(),
                    response.find(AlternateDomain.class)
                            .map(AlternateDomain::value)
                            .orElse(host));
        } else {
            giveUp(new TurnException(cause.code(), cause.getMessage() + ", which leads nowhere new"));
        }
    }

    private static boolean isPassing(int code) {
        return switch (code) {
            case 0, ALLOCATION_MISMATCH, QUOTA_REACHED, SERVER_ERROR, INSUFFICIENT_CAPACITY -> true;
            default -> false;
        };
    }

    /** RFC 8656, section 7.4: after 486 and 508 at least a minute. */
    private void retry(TurnException cause, long nowNanos) {
        end(State.WAITING);
        boolean isFull = cause.code() == QUOTA_REACHED || cause.code() == INSUFFICIENT_CAPACITY;
        long backOff = TimeUnit.SECONDS.toNanos(1L << Math.min(losses++, 6));
        retryNanos = nowNanos + (isFull ? MAX_RETRY_NANOS : Math.min(backOff, MAX_RETRY_NANOS));
    }

    private void giveUp(TurnException cause) {
        end(State.IDLE);
        isReplacement = false;
        notify(new TurnEvent.AllocationFailed(cause));
    }

    private void lost(TurnException cause, long nowNanos) {
        notify(new TurnEvent.AllocationLost(allocation, cause));
        boolean isFirst = losses == 0;
        retry(cause, nowNanos);
        if (isFirst) {
            retryNanos = nowNanos;
        }
    }

    private void end(State next) {
        state = next;
        allocation = null;
        permissions = null;
        channels = null;
        ticket = Optional.empty();
        isProbing = false;
        refreshNanos = NEVER;
        allocateNanos = NEVER;
        retryNanos = NEVER;
        if (transactions != null) {
            transactions.clear();
        }
    }

    private void keep(StunMessage response, long nowNanos) {
        ticket = response.find(MobilityTicket.class).or(() -> ticket);
        refreshNanos = nowNanos + TurnRequests.refreshAfterNanos(response.find(Lifetime.class));
    }

    private long keepaliveNanos() {
        return sentNanos + KEEPALIVE_NANOS;
    }

    private void keepAlive(long nowNanos) {
        sentNanos = nowNanos;
        if (ticket.isPresent() && !isReliable) {
            probe(nowNanos);
            return;
        }
        transmit(StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                .build());
    }

    private void requestAllocation(long nowNanos) {
        allocateNanos = NEVER;
        TurnRequest allocate = new TurnRequest(
                StunMethod.ALLOCATE,
                request -> {
                    TurnRequests.allocate(request, families, isMobile);
                    config.lifetime().ifPresent(request::add);
                },
                this::allocated,
                this::allocateFailed);
        transactions.start(allocate, nowNanos);
    }

    private void refresh(long nowNanos) {
        refreshNanos = NEVER;
        requestRefresh(this::refreshed, this::notRefreshed, nowNanos);
    }

    private void requestRefresh(TurnRequest.Success success, ObjLongConsumer<TurnException> failure, long nowNanos) {
        TurnRequest refresh = new TurnRequest(
                StunMethod.REFRESH,
                request -> config.lifetime().ifPresent(request::add),
                success,
                (cause, response, now) -> failure.accept(cause, now));
        transactions.start(refresh, nowNanos);
    }

    private void notRefreshed(TurnException cause, long nowNanos) {
        if (cause.code() == ALLOCATION_MISMATCH) {
            mismatched(cause, nowNanos);
        } else {
            lost(cause, nowNanos);
        }
    }

    private void refreshed(StunMessage response, long nowNanos) {
        losses = 0;
        keep(response, nowNanos);
    }

    /** Gives back an allocation, be it one that is not known here, and asks for a new one if one is still wanted. */
    private TurnRequest release() {
        return new TurnRequest(
                StunMethod.REFRESH,
                request -> request.add(new Lifetime(0)),
                (response, now) -> allocateNanos = now + RELEASE_NANOS,
                (cause, response, now) -> allocateNanos = now);
    }

    /** RFC 8016, section 3.2. */
    private void resume(long nowNanos) {
        state = State.RESUMING;
        refreshNanos = NEVER;
        transactions.clear();
        if (isReliable) {
            outputs.add(new TurnOutput.Connect(server, host));
        } else {
            requestMove(nowNanos);
        }
    }

    private void requestMove(long nowNanos) {
        TurnRequest move = new TurnRequest(
                StunMethod.REFRESH,
                request -> ticket.ifPresent(request::add),
                this::resumed,
                (cause, response, now) -> notResumed(cause, now));
        transactions.start(move, nowNanos);
    }

    private void notResumed(TurnException cause, long nowNanos) {
        if (cause.code() == BAD_REQUEST) {
            // What a server says when the allocation is where it was: the client has not moved after all.
            requestRefresh(this::resumed, this::lost, nowNanos);
        } else {
            lost(cause, nowNanos);
        }
    }

    private void resumed(StunMessage response, long nowNanos) {
        state = State.ALLOCATED;
        Optional<XorMappedAddress> mapped = response.find(XorMappedAddress.class);
        if (mapped.isPresent()) {
            seenAs(mapped.get());
        }
        refreshed(response, nowNanos);
        permissions.renew(nowNanos);
        channels.renew(nowNanos);
        notify(new TurnEvent.AllocationMoved(allocation));
    }

    private void seenAs(XorMappedAddress mapped) {
        allocation = new TurnAllocation(allocation.server(), allocation.relayed(), mapped.address());
    }

    /** Asks where the server sees the client, since an allocation that can follow it had better do so at once. */
    private void probe(long nowNanos) {
        isProbing = true;
        TurnRequest binding = new TurnRequest(
                StunMethod.BINDING, false, request -> {}, this::probed, (cause, response, now) -> isProbing = false);
        transactions.start(binding, nowNanos);
    }

    private void probed(StunMessage response, long nowNanos) {
        isProbing = false;
        Optional<XorMappedAddress> mapped = response.find(XorMappedAddress.class);
        if (state == State.ALLOCATED
                && mapped.isPresent()
                && !mapped.get().address().equals(allocation.mapped())) {
            seenAs(mapped.get());
            moved(nowNanos);
        }
    }
}
