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
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Writes the messages of connectivity checks and tells whose they are (RFC 8445 §7.1, §7.2.2, §7.3). A request names the
 * credentials that it and its answer are signed with, so that either side may take new ones while checks are under way.
 */
final class CheckMessages {

    private final RandomGenerator random;
    private final Keyring local;
    private Keyring remote;

    CheckMessages(IceCredentials local, RandomGenerator random) {
        this.local = new Keyring(local);
        this.random = random;
    }

    /** The other side's credentials, by its description. */
    void describe(IceCredentials credentials) {
        remote = new Keyring(credentials);
    }

    /** Makes do with the credentials that another generation knows of the other side. */
    void inherit(CheckMessages other) {
        remote = other.remote == null ? null : new Keyring(other.remote);
    }

    /** Fresh credentials of this side, good from now on besides those before. */
    IceCredentials renewLocal() {
        IceCredentials fresh = IceCredentials.random(random);
        local.add(fresh);
        return fresh;
    }

    /** By which this side goes, or did until a moment ago. */
    Stream<String> localFragments() {
        return local.usernameFragments();
    }

    /** The other side has fresh credentials, good from now on. */
    void renewRemote(IceCredentials credentials, long nowNanos) {
        remote.use(remote.add(credentials), nowNanos);
    }

    /** Whether the other side goes, or has gone, by this username fragment. */
    boolean isRemote(String usernameFragment) {
        return remote != null && remote.isKnown(usernameFragment);
    }

    /** The username fragment that the other side goes by, if it is known. */
    Optional<String> remoteFragment() {
        return Optional.ofNullable(remote).map(keys -> keys.inUse().usernameFragment());
    }

    /** @param claims what the check says of the pair, besides that it is checked */
    StunMessage request(CheckedPair pair, RoleConflict role, List<StunAttribute> claims) {
        Keyring.Key theirs = remote.inUse();
        long priority = Candidate.priority(CandidateType.PEER_REFLEXIVE, pair.local.localPreference());
        StunMessage.Builder request = StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username(
                        theirs.usernameFragment() + ":" + local.inUse().usernameFragment()))
                .add(new StunAttribute.Priority(priority))
                .add(role.attribute());
        claims.forEach(request::add);
        return request.sign(theirs.stunKey()).fingerprint().build();
    }

    StunMessage keepalive() {
        return StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                .fingerprint()
                .build();
    }

    /** Answers an authentic request; what is signed by the same credentials. */
    StunMessage success(StunMessage request, InetSocketAddress mapped, long nowNanos) {
        return StunMessage.success(request)
                .add(new StunAttribute.XorMappedAddress(mapped))
                .sign(keyOf(request, nowNanos))
                .fingerprint()
                .build();
    }

    StunMessage roleConflict(StunMessage request, long nowNanos) {
        return StunMessage.error(request, 487, "Role Conflict")
                .sign(keyOf(request, nowNanos))
                .fingerprint()
                .build();
    }

    StunMessage unknownAttribute(StunMessage request, long nowNanos) {
        return StunMessage.error(request, 420, "Unknown Attribute")
                .add(new StunAttribute.UnknownAttributes(request.unknownComprehensionRequired()))
                .sign(keyOf(request, nowNanos))
                .fingerprint()
                .build();
    }

    /** Whether a request is meant for this session and signed with its password. */
    boolean isRequestAuthentic(StunMessage request, long nowNanos) {
        return local.find(receiver(request), nowNanos)
                .filter(key -> request.isSignedBy(key.stunKey()))
                .isPresent();
    }

    /** An authentic request has come: the other side knows the credentials that it names. */
    void received(StunMessage request, long nowNanos) {
        local.find(receiver(request), nowNanos).ifPresent(key -> local.use(key, nowNanos));
    }

    /** Whether an authentic request comes from the peer that was described, not from one of its earlier sessions. */
    boolean isFromDescribedPeer(StunMessage request) {
        String username = username(request);
        return isRemote(username.substring(username.indexOf(':') + 1));
    }

    /** Whether a response is signed with a password of the other side. */
    boolean isResponseAuthentic(StunMessage response, long nowNanos) {
        return remote.good(nowNanos).stream().anyMatch(key -> response.isSignedBy(key.stunKey()));
    }

    /** Whether a response is signed with the password that its request named. */
    boolean isAnswerAuthentic(StunMessage request, StunMessage response, long nowNanos) {
        return remote.find(receiver(request), nowNanos)
                .filter(key -> response.isSignedBy(key.stunKey()))
                .isPresent();
    }

    private StunKey keyOf(StunMessage request, long nowNanos) {
        return local.find(receiver(request), nowNanos).orElseThrow().stunKey();
    }

    private static String receiver(StunMessage request) {
        String username = username(request);
        return username.substring(0, Math.max(0, username.indexOf(':')));
    }

    private static String username(StunMessage request) {
        return request.find(StunAttribute.Username.class)
                .map(StunAttribute.Username::value)
                .orElse("");
    }
}
