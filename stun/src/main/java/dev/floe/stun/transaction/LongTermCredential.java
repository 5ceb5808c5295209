package dev.floe.stun.transaction;

import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.PasswordAlgorithms;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.UserHash;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import java.util.List;
import java.util.Optional;

/**
 * The client's side of the long-term credential mechanism (RFC 8489, section 9.2): what one server has asked for so far,
 * and what its answers mean. No request that was sent is needed again, so any number may be under way at a time. Not safe
 * for use by several threads.
 */
public final class LongTermCredential {
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHENTICATED = 401;
    private static final int STALE_NONCE = 438;

    /** What is to be done with a response. */
    public enum Verdict {
        /** It says what the server says. */
        ACCEPT,
        /** Send the request once more, built and signed anew. The user bounds how often. */
        RETRY,
        /**
         * As if it had never come; without another one the transaction ends for want of integrity, over a reliable
         * transport at once (RFC 8489, section 9.2.5).
         */
        DISCARD,
        /** The server will not have these credentials, or asks for what must not be given. */
        REFUSE
    }

    private record Challenge(Realm realm, Nonce nonce, List<PasswordAlgorithm> algorithms, StunKey key) {}

    private final String username;
    private final String password;
    private Challenge challenge;

    /**
     * A credential that no server has seen yet.
     *
     * @param username at most 508 bytes of UTF-8
     * @param password of that user
     * @throws IllegalArgumentException if either is empty, has control characters or is too long
     */
    public LongTermCredential(String username, String password) {
        this.username = new Username(username).value();
        this.password = password;
        key("any", PasswordAlgorithm.MD5);
    }

    /**
     * Adds what the server has asked for and signs; leaves {@code request} as it is until the server has asked.
     *
     * @param request not signed
     * @return the same, with as much as the server wants to see
     */
    public StunMessage.Builder sign(StunMessage.Builder request) {
        if (challenge == null) {
            return request;
        }
        request.add(identity()).add(challenge.nonce).add(challenge.realm);
        Optional<PasswordAlgorithm> algorithm = firstKnown(challenge.algorithms);
        if (algorithm.isEmpty()) {
            return request.sign(challenge.key);
        }
        return request.add(new PasswordAlgorithms(challenge.algorithms))
                .add(algorithm.get())
                .signSha256(challenge.key);
    }

    /**
     * Judges a response, and takes what the next request must have from it (RFC 8489, section 9.2.5).
     *
     * @param request to which the response came
     * @param response of the server
     * @return what to do with the response
     */
    public Verdict judge(StunMessage request, StunMessage response) {
        int error = response.find(ErrorCode.class).map(ErrorCode::code).orElse(0);
        if (error == UNAUTHENTICATED || error == STALE_NONCE) {
            return isBidDown(response) ? Verdict.REFUSE : challenged(error, request, response);
        }
        if (isBidDown(response) || (error == BAD_REQUEST && !isProtected(response))) {
            return Verdict.DISCARD;
        }
        return isAuthentic(request, response) ? Verdict.ACCEPT : Verdict.DISCARD;
    }

    private Verdict challenged(int error, StunMessage request, StunMessage response) {
        Optional<Realm> realm = response.find(Realm.class).or(() -> request.find(Realm.class));
        Optional<Nonce> nonce = response.find(Nonce.class);
        List<PasswordAlgorithm> algorithms = response.find(PasswordAlgorithms.class)
                .map(PasswordAlgorithms::algorithms)
                .orElseGet(this::algorithms);
        boolean isSameAgain =
                error == UNAUTHENTICATED && request.find(Realm.class).equals(realm);
        boolean isUnknown = !algorithms.isEmpty() && firstKnown(algorithms).isEmpty();
        if (isSameAgain || isUnknown || realm.isEmpty() || nonce.isEmpty()) {
            return Verdict.REFUSE;
        }
        return take(realm.get(), nonce.get(), algorithms) ? Verdict.RETRY : Verdict.REFUSE;
    }

    /** The algorithms of the realm, which a later challenge without any does not take back: that would be a bid down. */
    private List<PasswordAlgorithm> algorithms() {
        return challenge == null ? List.of() : challenge.algorithms;
    }

    private boolean take(Realm realm, Nonce nonce, List<PasswordAlgorithm> algorithms) {
        try {
            PasswordAlgorithm algorithm = firstKnown(algorithms).orElse(PasswordAlgorithm.MD5);
            challenge = new Challenge(realm, nonce, algorithms, key(realm.value(), algorithm));
            return true;
        } catch (IllegalArgumentException e) {
            // A realm from which no key can be made.
            return false;
        }
    }

    private StunAttribute identity() {
        return SecurityFeature.USERNAME_ANONYMITY.isIn(challenge.nonce)
                ? UserHash.of(username, challenge.realm.value())
                : new Username(username);
    }

    private StunKey key(String realm, PasswordAlgorithm algorithm) {
        return StunKey.longTerm(username, realm, password, algorithm);
    }

    private boolean isAuthentic(StunMessage request, StunMessage response) {
        if (!isProtected(request)) {
            return true;
        }
        boolean isStrongEnough =
                !request.has(MessageIntegritySha256.class) || response.has(MessageIntegritySha256.class);
        // After a change of realm or algorithm there is no key any more for what was signed before.
        return isStrongEnough && request.isSignedBy(challenge.key) && response.isSignedBy(challenge.key);
    }

    private static boolean isProtected(StunMessage message) {
        return message.has(MessageIntegrity.class) || message.has(MessageIntegritySha256.class);
    }

    private static boolean isBidDown(StunMessage response) {
        return response.find(Nonce.class)
                        .filter(SecurityFeature.PASSWORD_ALGORITHMS::isIn)
                        .isPresent()
                && !response.has(PasswordAlgorithms.class);
    }

    /** RFC 8489, section 9.2.5: the server's preference decides. */
    private static Optional<PasswordAlgorithm> firstKnown(List<PasswordAlgorithm> algorithms) {
        return algorithms.stream()
                .filter(a -> a.equals(PasswordAlgorithm.SHA256) || a.equals(PasswordAlgorithm.MD5))
                .findFirst();
    }
}
