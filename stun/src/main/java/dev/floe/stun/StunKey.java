package dev.floe.stun;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import java.security.MessageDigest;
import java.text.Normalizer;

/**
 * What a message is signed with (RFC 8489, section 9). User names, realms and passwords are prepared as OpaqueString (RFC
 * 8265, section 4.2); the empty string and control characters are refused with {@link IllegalArgumentException}. Safe
 * for use by several threads.
 */
public final class StunKey {
    private final Hmac sha1;
    private final Hmac sha256;

    private StunKey(byte[] secret) {
        sha1 = new Hmac(Integrity.SHA1.digest, secret);
        sha256 = new Hmac(Integrity.SHA256.digest, secret);
    }

    /**
     * {@return the key of ICE's checks: the password itself (RFC 8489, section 9.1.1)}
     *
     * @param password as signaling has told it
     */
    public static StunKey shortTerm(String password) {
        return new StunKey(prepare("password", password).getBytes(UTF_8));
    }

    /**
     * The key of long-term credentials (RFC 8489, section 9.2.2).
     *
     * @param username whose password it is
     * @param realm as the server has named it
     * @param password of the user
     * @param algorithm {@link PasswordAlgorithm#MD5} where the server names none
     * @return the key, which stands for the password in that realm
     * @throws IllegalArgumentException also for an unknown algorithm
     */
    public static StunKey longTerm(String username, String realm, String password, PasswordAlgorithm algorithm) {
        return new StunKey(digest(
                digestName(algorithm),
                prepare("user name", username) + ":" + prepare("realm", realm) + ":" + prepare("password", password)));
    }

    static byte[] userHash(String username, String realm) {
        return digest("SHA-256", prepare("user name", username) + ":" + prepare("realm", realm));
    }

    /** The HMAC for an integrity attribute at {@code at}: over all before it, as if it ended the message. */
    byte[] hmac(Integrity integrity, byte[] message, int at) {
        Hmac hmac = integrity == Integrity.SHA1 ? sha1 : sha256;
        byte[] start = {message[0], message[1], 0, 0};
        Octets.putU16(start, 2, at + 4 + integrity.length - StunMessage.HEADER);
        MessageDigest digest = hmac.begin();
        digest.update(start);
        digest.update(message, start.length, at - start.length);
        return hmac.end(digest);
    }

    private static String digestName(PasswordAlgorithm algorithm) {
        if (algorithm.equals(PasswordAlgorithm.MD5)) {
            return "MD5";
        }
        if (algorithm.equals(PasswordAlgorithm.SHA256)) {
            return "SHA-256";
        }
        throw new IllegalArgumentException(algorithm + " is neither MD5 nor SHA-256");
    }

    private static byte[] digest(String name, String text) {
        return Hmac.newDigest(name).digest(text.getBytes(UTF_8));
    }

    private static String prepare(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the " + what + " has a control character");
        }
        return Normalizer.normalize(text.replaceAll("\\p{Zs}", " "), Normalizer.Form.NFC);
    }
}
