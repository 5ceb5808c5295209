package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunMethod;
import dev.floe.stun.turn.TurnPermission.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The permissions of one allocation: made when first needed, refreshed for as long as it lasts (RFC 8656, section 9). */
final class TurnPermissions {
    /** A permission lasts five minutes; this leaves a minute for the request to be repeated in. */
    private static final long REFRESH_NANOS = TimeUnit.MINUTES.toNanos(4);

    private static final long REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Beyond, the permission that has been used the least recently is given up. */
    private static final int MAX_PERMISSIONS = 256;

    private final TurnTransactions transactions;
    private final AllocationFaults allocation;
    private final Consumer<TurnOutput> out;
    private final Map<InetAddress, TurnPermission> permissions = new LinkedHashMap<>(16, 0.75f, true);

    TurnPermissions(TurnTransactions transactions, AllocationFaults allocation, Consumer<TurnOutput> out) {
        this.transactions = transactions;
        this.allocation = allocation;
        this.out = out;
    }

    /** Where the permission stands; asks the server for it if it has not been asked. */
    State permit(InetAddress peer, long nowNanos) {
        TurnPermission permission = permissions.get(peer);
        if (permission == null) {
            permission = new TurnPermission();
            permissions.put(peer, permission);
            bound();
            request(peer, permission, nowNanos);
        }
        return permission.state;
    }

    /** Whether the peer's data may pass (RFC 8656, section 11.4). */
    boolean isWanted(InetAddress peer) {
        TurnPermission permission = permissions.get(peer);
        return permission != null && permission.state != State.REFUSED;
    }

    /** Asks anew for all that the server has been asked for: answers may have got lost. */
    void renew(long nowNanos) {
        for (TurnPermission permission : permissions.values()) {
            if (permission.state != State.REFUSED) {
                permission.dueNanos = nowNanos;
            }
        }
    }

    void advance(long nowNanos) {
        for (Map.Entry<InetAddress, TurnPermission> entry : List.copyOf(permissions.entrySet())) {
            TurnPermission permission = entry.getValue();
            if (permission.dueNanos > nowNanos) {
                continue;
            }
            if (permission.state == State.REFUSED) {
                permissions.remove(entry.getKey());
            } else {
                request(entry.getKey(), permission, nowNanos);
            }
        }
    }

    long deadlineNanos() {
        long deadline = TurnSession.NEVER;
        for (TurnPermission permission : permissions.values()) {
            deadline = Math.min(deadline, permission.dueNanos);
        }
        return deadline;
    }

    private void bound() {
        if (permissions.size() > MAX_PERMISSIONS) {
            Iterator<InetAddress> leastRecent = permissions.keySet().iterator();
            leastRecent.next();
            leastRecent.remove();
        }
    }

    private void request(InetAddress peer, TurnPermission permission, long nowNanos) {
        permission.dueNanos = TurnSession.NEVER;
        TurnRequest createPermission = new TurnRequest(
                StunMethod.CREATE_PERMISSION,
                request -> request.add(new XorPeerAddress(new InetSocketAddress(peer, 0))),
                (response, now) -> installed(peer, permission, nowNanos),
                (cause, response, now) -> failed(peer, permission, cause, now));
        transactions.start(createPermission, nowNanos);
    }

    private void installed(InetAddress peer, TurnPermission permission, long sentNanos) {
        permission.state = State.INSTALLED;
        permission.dueNanos = sentNanos + REFRESH_NANOS;
        out.accept(new TurnOutput.Permitted(peer));
    }

    private void failed(InetAddress peer, TurnPermission permission, TurnException cause, long nowNanos) {
        if (cause.code() == TurnSession.ALLOCATION_MISMATCH) {
            allocation.mismatched(cause, nowNanos);
            return;
        }
        if (cause.code() == 0 && permission.state == State.INSTALLED) {
            permission.dueNanos = nowNanos;
        } else {
            permission.state = State.REFUSED;
            permission.dueNanos = nowNanos + REFUSAL_NANOS;
            out.accept(new TurnOutput.Notify(new TurnEvent.PeerRefused(peer, cause)));
        }
        if (cause.code() != TurnSession.FORBIDDEN) {
            allocation.doubtful(nowNanos);
        }
    }
}
