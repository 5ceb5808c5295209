package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.stun.transaction.LongTermCredential;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
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

    private static final int MOBILITY_FORBIDDEN = 405;
    private static final int FAMILY_NOT_SUPPORTED = 440;
    private static final int QUOTA_REACHED = 486;
    private static final int SERVER_ERROR = 500;
    private static final int INSUFFICIENT_CAPACITY = 508;

    /** Less than what NATs keep a UDP mapping for (RFC 8445, section 11). */
    private static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private static final long MAX_RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private enum State {
        /** Nothing is wanted, or nothing more is tried. */
        IDLE,
        /** On the way to an allocation: connecting, asking. */
        ALLOCATING,
        /** There is an allocation. */
        ALLOCATED,
        /** An allocation was lost, and could not be replaced yet; the next attempt comes in a while. */
        WAITING,
        CLOSED
    }

    private final TurnConfig config;
    private final RandomGenerator random;
    private final Queue<TurnOutput> outputs = new ArrayDeque<>();

    private State state = State.IDLE;
    private InetSocketAddress configured;
    private InetSocketAddress server;
    private LongTermCredential credential;
    private TurnTransactions transactions;
    private TurnAllocation allocation;
    private TurnPermissions permissions;
    private ChannelBindings channels;
    private Optional<MobilityTicket> ticket = Optional.empty();
    private boolean isMobile;
    private TurnFamilies families;
    private boolean isReplacement;
    private boolean isStaleReleased;
    private int losses;

    private long refreshNanos = NEVER;
    private long retryNanos = NEVER;
    private long sentNanos;

    TurnSession(TurnConfig config, RandomGenerator random) {
        this.config = config;
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
            connect(server);
        }
    }

    /** There is a way to the server. */
    void connected(boolean isReliable, long nowNanos) {
        if (state == State.ALLOCATING) {
            String name = "the TURN server " + server;
            transactions = new TurnTransactions(name, random, credential, isReliable, this::transmit);
            sentNanos = nowNanos;
            transactions.start(new Allocate(), nowNanos);
        }
    }

    /** There is no way to the server, or no longer. */
    void disconnected(TurnException cause, long nowNanos) {
        switch (state) {
            case ALLOCATING -> allocateFailed(cause, nowNanos);
            case ALLOCATED -> lost(cause, nowNanos);
            default -> {}
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
            connect(configured);
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

    boolean hasOutput() {
        return !outputs.isEmpty();
    }

    /** When {@link #advance} is to be called next, or {@link #NEVER}. */
    long deadlineNanos() {
        long deadline = Math.min(retryNanos, transactions == null ? NEVER : transactions.deadlineNanos());
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
            transactions.sendOnce(new Release());
        }
        end(State.CLOSED);
        transactions = null;
    }

    @Override
    public void mismatched(TurnException cause, long nowNanos) {
        lost(cause, nowNanos);
    }

    @Override
    public void unanswered(long nowNanos) {
        refreshNanos = Math.min(refreshNanos, nowNanos);
    }

    private void connect(InetSocketAddress to) {
        state = State.ALLOCATING;
        retryNanos = NEVER;
        server = to;
        credential = config.server().credential();
        families = config.families();
        isMobile = config.isMobile();
        isStaleReleased = false;
        outputs.add(new TurnOutput.Connect(to));
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

    private void allocateFailed(TurnException cause, long nowNanos) {
        if (cause.code() == ALLOCATION_MISMATCH && !isStaleReleased) {
            // An allocation of ours that this address had before, and whose release was lost.
            isStaleReleased = true;
            transactions.start(new Release(), nowNanos);
        } else if (cause.code() == FAMILY_NOT_SUPPORTED && families == TurnFamilies.BOTH) {
            families = TurnFamilies.IPV6;
            transactions.start(new Allocate(), nowNanos);
        } else if (cause.code() == MOBILITY_FORBIDDEN && isMobile) {
            isMobile = false;
            transactions.start(new Allocate(), nowNanos);
        } else if (isReplacement && isPassing(cause.code())) {
            retry(cause, nowNanos);
        } else {
            giveUp(cause);
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
        refreshNanos = NEVER;
        retryNanos = NEVER;
        if (transactions != null) {
            transactions.clear();
        }
    }

    private void keep(StunMessage response, long nowNanos) {
        ticket = response.find(MobilityTicket.class).or(() -> ticket);
        refreshNanos = nowNanos + TurnRequests.refreshAfterNanos(response.find(Lifetime.class));
    }

    private void refresh(long nowNanos) {
        refreshNanos = NEVER;
        transactions.start(new Refresh(), nowNanos);
    }

    private long keepaliveNanos() {
        return sentNanos + KEEPALIVE_NANOS;
    }

    private void keepAlive(long nowNanos) {
        sentNanos = nowNanos;
        transmit(StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                .build());
    }

    private final class Allocate implements TurnRequest {
        @Override
        public StunMethod method() {
            return StunMethod.ALLOCATE;
        }

        @Override
        public void write(StunMessage.Builder request) {
            TurnRequests.allocate(request, families, isMobile);
        }

        @Override
        public void succeeded(StunMessage response, long nowNanos) {
            allocated(response, nowNanos);
        }

        @Override
        public void failed(TurnException cause, StunMessage response, long nowNanos) {
            allocateFailed(cause, nowNanos);
        }
    }

    private final class Refresh implements TurnRequest {
        @Override
        public StunMethod method() {
            return StunMethod.REFRESH;
        }

        @Override
        public void write(StunMessage.Builder request) {}

        @Override
        public void succeeded(StunMessage response, long nowNanos) {
            losses = 0;
            keep(response, nowNanos);
        }

        @Override
        public void failed(TurnException cause, StunMessage response, long nowNanos) {
            lost(cause, nowNanos);
        }
    }

    /** Gives back an allocation, be it one that is not known here; a new one is asked for if one is still wanted. */
    private final class Release implements TurnRequest {
        @Override
        public StunMethod method() {
            return StunMethod.REFRESH;
        }

        @Override
        public void write(StunMessage.Builder request) {
            request.add(new Lifetime(0));
        }

        @Override
        public void succeeded(StunMessage response, long nowNanos) {
            transactions.start(new Allocate(), nowNanos);
        }

        @Override
        public void failed(TurnException cause, StunMessage response, long nowNanos) {
            transactions.start(new Allocate(), nowNanos);
        }
    }
}
