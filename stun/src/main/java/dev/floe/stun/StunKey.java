package dev.floe.stun;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.EnumMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a message is signed with (RFC 8489, section 9). User names, realms and passwords are prepared as OpaqueString (RFC
 * 8265, section 4.2); the empty string and control characters are refused with {@link IllegalArgumentException}. Safe
 * for use by several threads, which wait for each other.
 */
public final class StunKey {
    private final byte[] secret;
    /** The first four bytes of the message as it is signed: with a length of its own. */
    private final byte[] start = new byte[4];

    private final Map<Integrity, Mac> macs = new EnumMap<>(Integrity.class);

    private StunKey(byte[] secret) {
        this.secret = secret;
    }

    /** The key of ICE's checks: the password itself (RFC 8489, section 9.1.1). */
    public static StunKey shortTerm(String password) {
        return new StunKey(prepare("password", password).getBytes(UTF_8));
    }

    /**
     * The key of long-term credentials (RFC 8489, section 9.2.2).
     *
     * @param algorithm {@link PasswordAlgorithm#MD5} where the server names none
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
    synchronized byte[] hmac(Integrity integrity, byte[] message, int at) {
        Mac mac = macs.get(integrity);
        if (mac == null) {
            mac = newMac(integrity);
            macs.put(integrity, mac);
        }
        start[0] = message[0];
        start[1] = message[1];
        Octets.putU16(start, 2, at + 4 + integrity.length - StunMessage.HEADER);
        mac.update(start);
        mac.update(message, start.length, at - start.length);
        return mac.doFinal();
    }

    private Mac newMac(Integrity integrity) {
        try {
            Mac mac = Mac.getInstance(integrity.algorithm);
            mac.init(new SecretKeySpec(secret, integrity.algorithm));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + integrity.algorithm, e);
        }
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
        try {
            return MessageDigest.getInstance(name).digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + name, e);
        }
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
