package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.turn.Allocator.TurnLease;
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
 *
 * <p>It is idle, or has an {@link Allocator} that asks, or a {@link LiveAllocation}, or waits to ask anew, or is about to
 * end with a last request under way.
 */
final class TurnSession {
    /** A deadline that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    static final int FORBIDDEN = 403;
    static final int ALLOCATION_MISMATCH = 437;

    private static final int QUOTA_REACHED = 486;
    private static final int SERVER_ERROR = 500;
    private static final int INSUFFICIENT_CAPACITY = 508;

    /** How long an end may be held up by a server that does not answer. */
    private static final long RELEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long MAX_RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final TurnConfig config;
    private final RandomGenerator random;
    private final Queue<TurnOutput> outputs = new ArrayDeque<>();

    private InetSocketAddress server;
    private Allocator allocator;
    private LiveAllocation live;
    private TurnTransactions releasing;
    private boolean isReplacement;
    private boolean isClosed;
    private boolean isFull;
    private int losses;

    /** When to ask for a replacement of what was lost. */
    private long retryNanos = NEVER;

    /** When to end without the server's leave. */
    private long releaseNanos = NEVER;

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
        if (allocator == null && live == null && !isClosed) {
            this.server = server;
            begin();
        }
    }

    /** There is a way to the server. */
    void connected(long nowNanos) {
        if (allocator != null) {
            allocator.request(nowNanos);
        } else if (live != null) {
            live.connected(nowNanos);
        }
    }

    /** There is no way to the server, or no longer. */
    void disconnected(TurnException cause, long nowNanos) {
        if (allocator != null) {
            failed(cause, nowNanos);
        } else if (live != null) {
            live.disconnected(cause, nowNanos);
        }
    }

    /** The client's address has changed, which the server cannot know. */
    void moved(long nowNanos) {
        // That something is lost by it is not the server's doing.
        losses = 0;
        if (live != null) {
            live.follow(new TurnException("the client's address has changed"), nowNanos);
        } else if (allocator != null || (retryNanos != NEVER && !isFull)) {
            end();
            begin();
        }
    }

    /** Whether the server still knows the allocation is in doubt. */
    void verify(long nowNanos) {
        if (live != null) {
            live.verify(nowNanos);
        }
    }

    /** Takes a message of the server; whether it answered a request of this client. */
    boolean receive(StunMessage message, long nowNanos) {
        TurnTransactions transactions = transactions();
        return transactions != null && transactions.receive(message, nowNanos);
    }

    /** A datagram has been sent to the server, which keeps the way open. */
    void sent(long nowNanos) {
        if (live != null) {
            live.sent(nowNanos);
        }
    }

    /** Does what is due. Calling it early does nothing. */
    void advance(long nowNanos) {
        if (releaseNanos <= nowNanos) {
            released();
        }
        if (retryNanos <= nowNanos) {
            begin();
        }
        if (allocator != null) {
            allocator.advance(nowNanos);
        }
        TurnTransactions transactions = transactions();
        if (transactions != null) {
            transactions.advance(nowNanos);
        }
        if (live != null) {
            live.advance(nowNanos);
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
        long deadline = Math.min(retryNanos, releaseNanos);
        deadline = allocator == null ? deadline : Math.min(deadline, allocator.deadlineNanos());
        deadline = live == null ? deadline : Math.min(deadline, live.deadlineNanos());
        TurnTransactions transactions = transactions();
        return transactions == null ? deadline : Math.min(deadline, transactions.deadlineNanos());
    }

    /** Null while there is none. */
    TurnAllocation allocation() {
        return live == null ? null : live.allocation();
    }

    /** Whether a Binding response may be this client's. */
    boolean isProbing() {
        return live != null && live.isProbing();
    }

    /** Where the peer's permission stands; only while there is an allocation. */
    TurnPermission.State permit(InetAddress peer, long nowNanos) {
        return live.permissions().permit(peer, nowNanos);
    }

    /** Whether data of the peer may pass; only while there is an allocation. */
    boolean isWanted(InetAddress peer) {
        return live.permissions().isWanted(peer);
    }

    /**
     * The channel to send on, or {@link ChannelBindings#NONE} for now; only while there is an allocation.
     *
     * @param isData whether it is worth a channel, if there is none yet
     */
    int channelFor(InetSocketAddress peer, boolean isData, long nowNanos) {
        return isData
                ? live.channels().channelFor(peer, nowNanos)
                : live.channels().boundChannel(peer);
    }

    /** Whom data on the channel comes from, or null; only while there is an allocation. */
    InetSocketAddress peerOf(int channel) {
        return live.channels().peerOf(channel);
    }

    /**
     * Gives the allocation back, if there is one (RFC 8656, section 8). {@link TurnOutput.Released} comes once the server
     * has answered, or has had the time to; nothing comes after.
     */
    void release(long nowNanos) {
        if (live == null) {
            released();
            return;
        }
        releasing = live.transactions();
        end();
        isClosed = true;
        releaseNanos = nowNanos + RELEASE_NANOS;
        releasing.start(release(), nowNanos);
    }

    /**
     * Gives the allocation back, the one that the server may be making too, without waiting for the server to say so.
     * Nothing comes after.
     */
    void close() {
        if (live != null || allocator != null) {
            transactions().sendOnce(release());
        }
        end();
        isClosed = true;
        releasing = null;
        releaseNanos = NEVER;
    }

    private TurnRequest release() {
        return new TurnRequest(
                StunMethod.REFRESH,
                request -> request.add(new Lifetime(0)),
                (response, now) -> released(),
                (cause, response, now) -> released());
    }

    private void released() {
        close();
        outputs.add(new TurnOutput.Released());
    }

    /** Those of an allocation; while one is asked for, the allocator has its own. */
    private TurnTransactions transactions() {
        if (allocator != null) {
            return allocator.transactions();
        }
        return live != null ? live.transactions() : releasing;
    }

    private void begin() {
        retryNanos = NEVER;
        allocator = new Allocator(config, random, outputs::add, new Allocator.Outcome() {
            @Override
            public void allocated(TurnLease lease, long nowNanos) {
                TurnSession.this.allocated(lease, nowNanos);
            }

            @Override
            public void failed(TurnException cause, long nowNanos) {
                TurnSession.this.failed(cause, nowNanos);
            }
        });
        allocator.connect(server, config.server().address().getHostString());
    }

    private void allocated(TurnLease lease, long nowNanos) {
        List<InetSocketAddress> relayed = lease.response().attributes().stream()
                .filter(XorRelayedAddress.class::isInstance)
                .map(attribute -> ((XorRelayedAddress) attribute).address())
                .filter(TurnSession::isUsable)
                .distinct()
                .toList();
        Optional<XorMappedAddress> mapped = lease.response().find(XorMappedAddress.class);
        if (relayed.isEmpty() || mapped.isEmpty()) {
            String missing = relayed.isEmpty() ? "XOR-RELAYED-ADDRESS" : "XOR-MAPPED-ADDRESS";
            giveUp(new TurnException("the TURN server " + lease.server() + " answered ALLOCATE without " + missing));
            return;
        }
        allocator = null;
        isReplacement = true;
        TurnAllocation allocation =
                new TurnAllocation(lease.server(), relayed, mapped.get().address());
        live = new LiveAllocation(config, lease, allocation, random, outputs::add, this::lost, nowNanos);
        outputs.add(new TurnOutput.Notify(new TurnEvent.Allocated(allocation)));
    }

    // coturn names 0.0.0.0:0 for a family in which it relays nothing.
    private static boolean isUsable(InetSocketAddress relayed) {
        InetAddress address = relayed.getAddress();
        return relayed.getPort() != 0 && !address.isAnyLocalAddress() && !address.isMulticastAddress();
    }

    private void failed(TurnException cause, long nowNanos) {
        if (isReplacement && isPassing(cause.code())) {
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
        end();
        isFull = cause.code() == QUOTA_REACHED || cause.code() == INSUFFICIENT_CAPACITY;
        long backOff = TimeUnit.SECONDS.toNanos(1L << Math.min(losses++, 6));
        retryNanos = nowNanos + (isFull ? MAX_RETRY_NANOS : Math.min(backOff, MAX_RETRY_NANOS));
    }

    private void giveUp(TurnException cause) {
        end();
        isReplacement = false;
        outputs.add(new TurnOutput.Notify(new TurnEvent.AllocationFailed(cause)));
    }

    /** Asks anew at once, unless the last allocation was lost before its first refresh too. */
    private void lost(TurnException cause, long nowNanos) {
        outputs.add(new TurnOutput.Notify(new TurnEvent.AllocationLost(live.allocation(), cause)));
        losses = live.isRefreshed() ? 0 : losses;
        boolean isFirst = losses == 0;
        retry(cause, nowNanos);
        if (isFirst) {
            retryNanos = nowNanos;
        }
    }

    private void end() {
        TurnTransactions transactions = transactions();
        if (transactions != null) {
            transactions.clear();
        }
        allocator = null;
        live = null;
        retryNanos = NEVER;
    }
}
