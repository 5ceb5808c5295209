package dev.floe.signaling.pake;

import dev.floe.signaling.SignalingException;

/**
 * How many more wrong guesses at a password one client lets others make. One that is seen to be wrong is the last one.
 * One who breaks a run off just when it could tell right from wrong may be unlucky, and is let off twice.
 */
public final class PakeGuesses {

    static final int MAX_BROKEN_OFF = 2;

    private int left = MAX_BROKEN_OFF + 1;

    /** Somebody can check a guess now. */
    void spendOne() {
        left--;
    }

    /** It was no guess. */
    void regainOne() {
        left++;
    }

    /** Somebody has guessed wrong. */
    void spendAll() {
        left = 0;
    }

    /** @throws SignalingException with code {@code wrong-code} if there is none left */
    void check() throws SignalingException {
        if (left <= 0) {
            throw new SignalingException(
                    SignalingException.WRONG_CODE, "the code is spent: somebody has tried to guess it");
        }
    }
}
