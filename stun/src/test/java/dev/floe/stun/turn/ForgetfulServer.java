package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.ChannelNumber;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A TURN server under virtual time that keeps each thing exactly as long as RFC 8656 says, and a nonce for a minute. */
final class ForgetfulServer {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long LIFETIME = 600;
    private static final StunKey KEY = StunKey.longTerm("alice", "floe.test", "secret", PasswordAlgorithm.MD5);

    private final Map<InetAddress, Long> permissions = new HashMap<>();
    private final Map<InetSocketAddress, Long> channels = new HashMap<>();
    private long allocationEnd = Long.MIN_VALUE;
    private long nonceEnd = Long.MIN_VALUE;
    private int nonces;
    private int stale;

    /** What it answers, if anything. */
    Optional<StunMessage> answer(StunMessage request, long now) {
        if (request.messageClass() != StunClass.REQUEST) {
            return Optional.empty();
        }
        if (nonceEnd <= now) {
            nonces++;
            nonceEnd = now + 60 * SECOND;
        }
        Nonce nonce = new Nonce("nonce" + nonces);
        if (!request.find(Nonce.class).equals(Optional.of(nonce))) {
            int code = request.has(Nonce.class) ? 438 : 401;
            stale += code == 438 ? 1 : 0;
            return Optional.of(StunMessage.error(request, code, "")
                    .add(new Realm("floe.test"))
                    .add(nonce)
                    .build());
        }
        return Optional.of(grant(request, now).sign(KEY).build());
    }

    boolean hasAllocation(long now) {
        return allocationEnd > now;
    }

    boolean hasPermission(InetAddress peer, long now) {
        return permissions.getOrDefault(peer, Long.MIN_VALUE) > now;
    }

    boolean hasChannel(InetSocketAddress peer, long now) {
        return channels.getOrDefault(peer, Long.MIN_VALUE) > now;
    }

    /** How many nonces the client has had to replace. */
    int stale() {
        return stale;
    }

    private StunMessage.Builder grant(StunMessage request, long now) {
        if (request.method().equals(StunMethod.ALLOCATE)) {
            allocationEnd = now + LIFETIME * SECOND;
            return StunMessage.success(request)
                    .add(new XorRelayedAddress(SessionBench.RELAYED))
                    .add(new XorMappedAddress(SessionBench.MAPPED))
                    .add(new Lifetime(LIFETIME));
        }
        if (!hasAllocation(now)) {
            return StunMessage.error(request, 437, "Allocation Mismatch");
        }
        if (request.method().equals(StunMethod.REFRESH)) {
            allocationEnd = now + LIFETIME * SECOND;
            return StunMessage.success(request).add(new Lifetime(LIFETIME));
        }
        InetSocketAddress peer =
                request.find(XorPeerAddress.class).orElseThrow().address();
        permissions.put(peer.getAddress(), now + 300 * SECOND);
        if (request.has(ChannelNumber.class)) {
            channels.put(peer, now + 600 * SECOND);
        }
        return StunMessage.success(request);
    }
}
