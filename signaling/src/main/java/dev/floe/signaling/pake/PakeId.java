package dev.floe.signaling.pake;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * One side in one run: random, so that what was said in another run is told apart.
 *
 * @param hex 16 bytes in hexadecimal
 */
record PakeId(String hex) {

    static final int BYTES = 16;

    /** Nobody, or whoever it is. */
    static final PakeId ANYBODY = of(new byte[BYTES]);

    private static final SecureRandom RANDOM = new SecureRandom();

    static PakeId random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return of(bytes);
    }

    static PakeId of(byte[] bytes) {
        return new PakeId(HexFormat.of().formatHex(bytes));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }
}
