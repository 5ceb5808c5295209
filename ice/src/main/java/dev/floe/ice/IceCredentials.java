package dev.floe.ice;

import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * The username fragment and password of one agent for one session (RFC 8445 §5.3).
 *
 * @param usernameFragment 4 to 256 visible ASCII characters without {@code ':'}
 * @param password 22 to 256 visible ASCII characters
 */
public record IceCredentials(String usernameFragment, String password) {

    private static final String ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /**
     * Credentials.
     *
     * @param usernameFragment 4 to 256 visible ASCII characters without {@code ':'}
     * @param password 22 to 256 visible ASCII characters
     * @throws IllegalArgumentException for a length or a character that RFC 8839 §5.4 does not allow
     */
    public IceCredentials {
        requireIceString("username fragment", usernameFragment, 4);
        requireIceString("password", password, 22);
        if (usernameFragment.indexOf(':') >= 0) {
            throw new IllegalArgumentException("username fragment contains ':'");
        }
    }

    /**
     * {@return fresh credentials: 48 bits of username fragment, 144 bits of password}
     *
     * @param random where their bits come from; outside of tests a {@link java.security.SecureRandom}
     */
    public static IceCredentials random(RandomGenerator random) {
        return new IceCredentials(randomString(random, 8), randomString(random, 24));
    }

    /** Without the password, which no log should show. */
    @Override
    public String toString() {
        return "IceCredentials[" + usernameFragment + "]";
    }

    private static String randomString(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ICE_CHARS.charAt(random.nextInt(ICE_CHARS.length())));
        }
        return text.toString();
    }

    // Others send characters outside ice-char ('-', '_', '='); what matters is that the bound and the alphabet are
    // sane.
    private static void requireIceString(String what, String value, int minimum) {
        Objects.requireNonNull(value, what);
        if (value.length() < minimum || value.length() > 256) {
            throw new IllegalArgumentException(
                    what + " has " + value.length() + " characters, expected " + minimum + " to 256");
        }
        if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(what + " has characters other than visible ASCII");
        }
    }
}
