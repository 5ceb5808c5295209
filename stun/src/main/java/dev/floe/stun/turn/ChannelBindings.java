package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.ChannelNumber;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunMethod;
import dev.floe.stun.turn.ChannelBinding.State;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The channels of one allocation: bound when data flows, kept while it does (RFC 8656, section 12). */
final class ChannelBindings {
    /** No channel. */
    static final int NONE = 0;

    private static final int FIRST = 0x4000;
    private static final int LAST = 0x4FFF;

    /** A binding lasts ten minutes; this leaves a minute for the request to be repeated in. */
    private static final long REFRESH_NANOS = TimeUnit.MINUTES.toNanos(9);

    private static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long QUARANTINE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Peers beyond are served without a channel. */
    private static final int MAX_BINDINGS = 256;

    private final TurnTransactions transactions;
    private final AllocationFaults allocation;
    private final Map<InetSocketAddress, ChannelBinding> byPeer = new HashMap<>();
    private final IntObjectMap<ChannelBinding> byNumber = new IntObjectHashMap<>();
    private int next = FIRST;

    ChannelBindings(TurnTransactions transactions, AllocationFaults allocation) {
        this.transactions = transactions;
        this.allocation = allocation;
    }

    /** The channel to send data on, or {@link #NONE} for now. Binds one if there is none. */
    int channelFor(InetSocketAddress peer, long nowNanos) {
        ChannelBinding binding = byPeer.get(peer);
        if (binding == null) {
            bind(peer, nowNanos);
            return NONE;
        }
        binding.isUsed = true;
        if (binding.state == State.EXPIRED) {
            binding.state = State.PENDING;
            binding.expiryNanos = TurnSession.NEVER;
            request(binding, nowNanos);
        }
        return binding.state == State.BOUND ? binding.number : NONE;
    }

    /** The channel to send on, or {@link #NONE}, without binding one for it. */
    int boundChannel(InetSocketAddress peer) {
        ChannelBinding binding = byPeer.get(peer);
        return binding != null && binding.state == State.BOUND ? binding.number : NONE;
    }

    /**
     * Whom data on the channel comes from, or null. Nobody else can have the number while it rests, and the server, for
     * which the binding began later or to which a refresh got through unanswered, may be using it still.
     */
    InetSocketAddress peerOf(int number) {
        ChannelBinding binding = byNumber.get(number);
        if (binding == null) {
            return null;
        }
        binding.isUsed = true;
        return binding.peer;
    }

    /** Asks anew for all channels that are in use: answers may have got lost. */
    void renew(long nowNanos) {
        for (ChannelBinding binding : byPeer.values()) {
            if (binding.isOpen()) {
                binding.isUsed = true;
                binding.dueNanos = nowNanos;
            }
        }
    }

    void advance(long nowNanos) {
        for (ChannelBinding binding : List.copyOf(byPeer.values())) {
            if (binding.dueNanos <= nowNanos) {
                due(binding, nowNanos);
            }
        }
    }

    long deadlineNanos() {
        long deadline = TurnSession.NEVER;
        for (ChannelBinding binding : byPeer.values()) {
            deadline = Math.min(deadline, binding.dueNanos);
        }
        return deadline;
    }

    private void bind(InetSocketAddress peer, long nowNanos) {
        if (byPeer.size() < MAX_BINDINGS) {
            ChannelBinding binding = new ChannelBinding(peer, freeNumber());
            byPeer.put(peer, binding);
            byNumber.put(binding.number, binding);
            request(binding, nowNanos);
        }
    }

    private int freeNumber() {
        int number;
        do {
            number = next;
            next = next == LAST ? FIRST : next + 1;
        } while (byNumber.containsKey(number));
        return number;
    }

    private void due(ChannelBinding binding, long nowNanos) {
        if (!binding.isOpen()) {
            byPeer.remove(binding.peer);
            byNumber.remove(binding.number);
        } else if (binding.expiryNanos <= nowNanos) {
            close(binding, State.EXPIRED, nowNanos);
        } else if (binding.isUsed) {
            request(binding, nowNanos);
        } else {
            binding.dueNanos = binding.expiryNanos;
        }
    }

    private static void close(ChannelBinding binding, State state, long nowNanos) {
        binding.state = state;
        binding.dueNanos = nowNanos + QUARANTINE_NANOS;
    }

    private void request(ChannelBinding binding, long nowNanos) {
        binding.isUsed = false;
        binding.dueNanos = binding.expiryNanos;
        TurnRequest channelBind = new TurnRequest(
                StunMethod.CHANNEL_BIND,
                request -> request.add(new ChannelNumber(binding.number)).add(new XorPeerAddress(binding.peer)),
                (response, now) -> bound(binding, nowNanos),
                (cause, response, now) -> failed(binding, cause, now));
        transactions.start(channelBind, nowNanos);
    }

    private static void bound(ChannelBinding binding, long sentNanos) {
        binding.state = State.BOUND;
        binding.dueNanos = sentNanos + REFRESH_NANOS;
        binding.expiryNanos = sentNanos + LIFETIME_NANOS;
    }

    private void failed(ChannelBinding binding, TurnException cause, long nowNanos) {
        if (cause.code() == TurnSession.ALLOCATION_MISMATCH) {
            allocation.mismatched(cause, nowNanos);
            return;
        }
        close(binding, State.REFUSED, nowNanos);
        if (cause.code() != TurnSession.FORBIDDEN) {
            allocation.doubtful(nowNanos);
        }
    }
}
