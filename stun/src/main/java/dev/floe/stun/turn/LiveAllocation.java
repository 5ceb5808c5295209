package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.stun.turn.Allocator.TurnLease;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;

/**
 * An allocation for as long as it lasts: refreshed (RFC 8656, section 8), the way to it kept open, and moved with the
 * client if the server gives tickets (RFC 8016).
 */
final class LiveAllocation implements AllocationFaults {
    private static final int BAD_REQUEST = 400;

    /** RFC 8489, section 6.3.4; all of it within the minute before the allocation ends. */
    private static final int MAX_SERVER_ERRORS = 4;

    private static final long SERVER_ERROR_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Less than what NATs keep a UDP mapping for (RFC 8445, section 11). */
    private static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final TurnConfig config;
    private final TurnLease lease;
    private final TurnTransactions transactions;
    private final TurnPermissions permissions;
    private final ChannelBindings channels;
    private final RandomGenerator random;
    private final Consumer<TurnOutput> out;
    private final ObjLongConsumer<TurnException> lost;

    private TurnAllocation allocation;
    private Optional<MobilityTicket> ticket = Optional.empty();
    private boolean isMoving;
    private boolean isProbing;
    private boolean isRefreshing;
    private boolean isRefreshed;
    private boolean isDoubted;
    private TurnRequest refresh;
    private int serverErrors;

    /** When to refresh; never while that is under way. */
    private long refreshNanos;

    /** When something was last sent, after which silence must not last. */
    private long sentNanos;

    /** @param lost told once, why there is no allocation any more */
    LiveAllocation(
            TurnConfig config,
            TurnLease lease,
            TurnAllocation allocation,
            RandomGenerator random,
            Consumer<TurnOutput> out,
            ObjLongConsumer<TurnException> lost,
            long nowNanos) {
        this.config = config;
        this.lease = lease;
        this.allocation = allocation;
        this.random = random;
        this.out = out;
        this.lost = lost;
        transactions = lease.transactions();
        permissions = new TurnPermissions(transactions, this, out);
        channels = new ChannelBindings(transactions, this);
        sentNanos = nowNanos;
        keep(lease.response(), nowNanos);
    }

    TurnAllocation allocation() {
        return allocation;
    }

    TurnTransactions transactions() {
        return transactions;
    }

    TurnPermissions permissions() {
        return permissions;
    }

    ChannelBindings channels() {
        return channels;
    }

    boolean isProbing() {
        return isProbing;
    }

    /** Whether the server has granted a refresh, and so can keep an allocation. */
    boolean isRefreshed() {
        return isRefreshed;
    }

    void sent(long nowNanos) {
        sentNanos = nowNanos;
    }

    /** The client has, or may have, another address: the allocation follows if it can. */
    void follow(TurnException cause, long nowNanos) {
        if (ticket.isEmpty()) {
            lost.accept(cause, nowNanos);
            return;
        }
        isMoving = true;
        isProbing = false;
        isDoubted = false;
        refreshNanos = TurnSession.NEVER;
        transactions.clear();
        if (config.isReliable()) {
            out.accept(new TurnOutput.Connect(lease.server(), lease.host()));
        } else {
            move(nowNanos);
        }
    }

    /**
     * Nothing comes through the allocation: asks the server for it. Before it has answered, the next call asks anew, since
     * a request is repeated ever less often, and by another connection if there is one.
     */
    void verify(long nowNanos) {
        if (isMoving && !config.isReliable()) {
            transactions.clear();
            move(nowNanos);
        } else if (isDoubted && config.isReliable()) {
            follow(new TurnException("the TURN server " + lease.server() + " has fallen silent"), nowNanos);
        } else if (!isMoving) {
            isDoubted = true;
            transactions.forget(refresh);
            beginRefresh(nowNanos);
        }
    }

    /** There is a way to the server again. */
    void connected(long nowNanos) {
        if (isMoving) {
            move(nowNanos);
        }
    }

    /** There is no way to the server any more, or still none. */
    void disconnected(TurnException cause, long nowNanos) {
        if (isMoving) {
            lost.accept(cause, nowNanos);
        } else {
            follow(cause, nowNanos);
        }
    }

    @Override
    public void mismatched(TurnException cause, long nowNanos) {
        follow(cause, nowNanos);
    }

    @Override
    public void doubtful(long nowNanos) {
        refreshNanos = isRefreshing ? refreshNanos : nowNanos;
    }

    void advance(long nowNanos) {
        if (isMoving) {
            return;
        }
        permissions.advance(nowNanos);
        channels.advance(nowNanos);
        if (refreshNanos <= nowNanos) {
            beginRefresh(nowNanos);
        }
        if (sentNanos + KEEPALIVE_NANOS <= nowNanos) {
            keepAlive(nowNanos);
        }
    }

    long deadlineNanos() {
        if (isMoving) {
            return TurnSession.NEVER;
        }
        long data = Math.min(permissions.deadlineNanos(), channels.deadlineNanos());
        return Math.min(data, Math.min(refreshNanos, sentNanos + KEEPALIVE_NANOS));
    }

    private void beginRefresh(long nowNanos) {
        refreshNanos = TurnSession.NEVER;
        isRefreshing = true;
        refresh(this::refreshed, this::notRefreshed, nowNanos);
    }

    private void keep(StunMessage response, long nowNanos) {
        isRefreshing = false;
        isDoubted = false;
        serverErrors = 0;
        ticket = response.find(MobilityTicket.class).or(() -> ticket);
        refreshNanos = nowNanos + TurnRequests.refreshAfterNanos(response.find(Lifetime.class));
    }

    private void refresh(TurnRequest.Success success, ObjLongConsumer<TurnException> failure, long nowNanos) {
        refresh = new TurnRequest(
                StunMethod.REFRESH,
                request -> config.lifetime().ifPresent(request::add),
                success,
                (cause, response, now) -> failure.accept(cause, now));
        transactions.start(refresh, nowNanos);
    }

    private void refreshed(StunMessage response, long nowNanos) {
        isRefreshed = true;
        keep(response, nowNanos);
    }

    private void notRefreshed(TurnException cause, long nowNanos) {
        if (cause.code() == TurnSession.ALLOCATION_MISMATCH) {
            follow(cause, nowNanos);
        } else if (cause.code() / 100 == 5 && serverErrors < MAX_SERVER_ERRORS) {
            serverErrors++;
            refreshNanos = nowNanos + SERVER_ERROR_NANOS;
        } else {
            lost.accept(cause, nowNanos);
        }
    }

    /** RFC 8016, section 3.2. */
    private void move(long nowNanos) {
        TurnRequest move = new TurnRequest(
                StunMethod.REFRESH,
                request -> ticket.ifPresent(request::add),
                this::moved,
                (cause, response, now) -> notMoved(cause, now));
        transactions.start(move, nowNanos);
    }

    private void moved(StunMessage response, long nowNanos) {
        isMoving = false;
        response.find(XorMappedAddress.class).ifPresent(this::seenAs);
        refreshed(response, nowNanos);
        permissions.renew(nowNanos);
        channels.renew(nowNanos);
        out.accept(new TurnOutput.Notify(new TurnEvent.AllocationMoved(allocation)));
    }

    private void notMoved(TurnException cause, long nowNanos) {
        if (cause.code() == BAD_REQUEST) {
            // What coturn says when the allocation is where it was: the client has not moved after all.
            refresh(this::moved, lost, nowNanos);
        } else {
            lost.accept(cause, nowNanos);
        }
    }

    private void keepAlive(long nowNanos) {
        sentNanos = nowNanos;
        if (ticket.isPresent() && !config.isReliable()) {
            probe(nowNanos);
        } else {
            out.accept(new TurnOutput.Transmit(StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                    .build()));
        }
    }

    /** Asks where the server sees the client: an allocation that can follow it had better do so at once. */
    private void probe(long nowNanos) {
        isProbing = true;
        TurnRequest binding = new TurnRequest(
                StunMethod.BINDING, false, request -> {}, this::probed, (cause, response, now) -> isProbing = false);
        transactions.start(binding, nowNanos);
    }

    private void probed(StunMessage response, long nowNanos) {
        isProbing = false;
        Optional<XorMappedAddress> mapped = response.find(XorMappedAddress.class);
        if (mapped.isPresent() && !mapped.get().address().equals(allocation.mapped())) {
            seenAs(mapped.get());
            follow(new TurnException("the client's address has changed"), nowNanos);
        }
    }

    private void seenAs(XorMappedAddress mapped) {
        allocation = new TurnAllocation(allocation.server(), allocation.relayed(), mapped.address());
    }
}
