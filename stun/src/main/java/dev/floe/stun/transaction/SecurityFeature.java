package dev.floe.stun.transaction;

import dev.floe.stun.StunAttribute.Nonce;
import java.util.Base64;

/**
 * What a server says with its nonce that it can do, so that nobody on the way can take it out of the response (RFC 8489,
 * sections 9.2 and 18.1).
 *
 * <p>The RFC counts the 24 bits from the left, as RFC 8656's examples do, while its appendix B.1 and erratum 6290 count
 * from the right. A feature that is set in either way is there: in the other way the bits mean nothing.
 */
enum SecurityFeature {
    PASSWORD_ALGORITHMS(0),
    USERNAME_ANONYMITY(1);

    private static final String COOKIE = "obMatJos2";
    private static final int FEATURES = 4;

    private final int mask;

    SecurityFeature(int bit) {
        mask = (1 << bit) | (1 << (23 - bit));
    }

    boolean isIn(Nonce nonce) {
        return (features(nonce.value()) & mask) != 0;
    }

    private static int features(String nonce) {
        if (!nonce.startsWith(COOKIE) || nonce.length() < COOKIE.length() + FEATURES) {
            return 0;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(nonce.substring(COOKIE.length(), COOKIE.length() + FEATURES));
            return bytes.length < 3 ? 0 : ((bytes[0] & 0xFF) << 16) | ((bytes[1] & 0xFF) << 8) | (bytes[2] & 0xFF);
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }
}
