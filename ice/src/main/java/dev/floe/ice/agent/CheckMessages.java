package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceCredentials;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/** Writes the messages of connectivity checks and tells whose they are (RFC 8445 §7.1, §7.2.2, §7.3). */
final class CheckMessages {

    private final RandomGenerator random;
    private final IceCredentials local;
    private final StunKey localKey;
    private IceCredentials remote;
    private StunKey remoteKey;

    CheckMessages(IceCredentials local, RandomGenerator random) {
        this.local = local;
        this.localKey = StunKey.shortTerm(local.password());
        this.random = random;
    }

    void remote(IceCredentials credentials) {
        remote = credentials;
        remoteKey = StunKey.shortTerm(credentials.password());
    }

    StunMessage request(CheckedPair pair, RoleConflict role, boolean nominates, boolean isRevisable) {
        long priority = Candidate.priority(CandidateType.PEER_REFLEXIVE, pair.local.localPreference());
        StunMessage.Builder request = StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username(remote.usernameFragment() + ":" + local.usernameFragment()))
                .add(new StunAttribute.Priority(priority))
                .add(role.attribute());
        if (nominates) {
            request.add(new StunAttribute.UseCandidate());
            if (isRevisable) {
                request.add(new StunAttribute.Nomination(pair.nomination));
            }
        }
        return request.sign(remoteKey).fingerprint().build();
    }

    StunMessage keepalive() {
        return StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                .fingerprint()
                .build();
    }

    StunMessage success(StunMessage request, InetSocketAddress mapped) {
        return StunMessage.success(request)
                .add(new StunAttribute.XorMappedAddress(mapped))
                .sign(localKey)
                .fingerprint()
                .build();
    }

    StunMessage roleConflict(StunMessage request) {
        return StunMessage.error(request, 487, "Role Conflict")
                .sign(localKey)
                .fingerprint()
                .build();
    }

    StunMessage unknownAttribute(StunMessage request) {
        return StunMessage.error(request, 420, "Unknown Attribute")
                .add(new StunAttribute.UnknownAttributes(request.unknownComprehensionRequired()))
                .sign(localKey)
                .fingerprint()
                .build();
    }

    /** Whether a request is meant for this session and signed with its password. */
    boolean isRequestAuthentic(StunMessage request) {
        return username(request).startsWith(local.usernameFragment() + ":") && request.isSignedBy(localKey);
    }

    /** Whether an authentic request comes from the peer that was described, not from one of its earlier sessions. */
    boolean isFromDescribedPeer(StunMessage request) {
        return username(request).equals(local.usernameFragment() + ":" + remote.usernameFragment());
    }

    boolean isResponseAuthentic(StunMessage response) {
        return response.isSignedBy(remoteKey);
    }

    private static String username(StunMessage request) {
        return request.find(StunAttribute.Username.class)
                .map(StunAttribute.Username::value)
                .orElse("");
    }
}
