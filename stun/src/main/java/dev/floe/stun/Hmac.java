package dev.floe.stun;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC (RFC 2104) with one key, whose two padded blocks are digested once and not again for each message. Safe for use by
 * several threads.
 */
final class Hmac {
    /** Of SHA-1 and SHA-256 alike. */
    private static final int BLOCK = 64;

    private final MessageDigest inner;
    private final MessageDigest outer;

    Hmac(String digest, byte[] key) {
        byte[] block = Arrays.copyOf(key.length > BLOCK ? newDigest(digest).digest(key) : key, BLOCK);
        inner = padded(digest, block, 0x36);
        outer = padded(digest, block, 0x5c);
    }

    /** What is to be updated with the message and then given to {@link #end}. */
    MessageDigest begin() {
        return copy(inner);
    }

    byte[] end(MessageDigest begun) {
        MessageDigest digest = copy(outer);
        digest.update(begun.digest());
        return digest.digest();
    }

    static MessageDigest newDigest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + name, e);
        }
    }

    private static MessageDigest padded(String name, byte[] block, int pad) {
        byte[] padded = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            padded[i] = (byte) (block[i] ^ pad);
        }
        MessageDigest digest = newDigest(name);
        digest.update(padded);
        return digest;
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this Java cannot copy a " + digest.getAlgorithm(), e);
        }
    }
}
