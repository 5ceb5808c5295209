package dev.floe.signaling.pake;

import dev.floe.signaling.SignalingException;
import java.math.BigInteger;

/** What two peers say to each other until they trust each other's descriptions. */
public sealed interface PakeMessage {

    /** The one in whose run it is said. */
    PakeId from();

    /** The initiator opens a run, with its first round (RFC 8236 §2.2). */
    record FirstPass(PakeId from, Round1 round1) implements PakeMessage {}

    /** The responder's first round, and its second. */
    record SecondPass(PakeId from, PakeId to, Round1 round1, Round2 round2) implements PakeMessage {}

    /** The initiator's second round. */
    record ThirdPass(PakeId from, PakeId to, Round2 round2) implements PakeMessage {}

    /** The responder has found the initiator's description to be genuine. */
    record Acceptance(PakeId from, PakeId to) implements PakeMessage {}

    /**
     * One side ends the run.
     *
     * @param to {@link PakeId#ANYBODY} if the other side has not told yet who it is
     */
    record Refusal(PakeId from, PakeId to, Reason reason) implements PakeMessage {}

    /** Two public keys and the proofs that their owner has the private ones. */
    record Round1(BigInteger gx1, Proof proof1, BigInteger gx2, Proof proof2) {}

    /** The public key that the password went into, and the proof. */
    record Round2(BigInteger a, Proof proof) {}

    /** A Schnorr proof (RFC 8235 §2.2): commitment and response. */
    record Proof(BigInteger commitment, BigInteger response) {

        BigInteger[] values() {
            return new BigInteger[] {commitment, response};
        }
    }

    /** Why a run has ended. */
    enum Reason {
        WRONG_CODE(1, SignalingException.WRONG_CODE, "the other side says that the code is wrong"),
        CHANGED(
                2,
                SignalingException.FINGERPRINT_MISMATCH,
                "the other side says that somebody has changed this side's description on its way"),
        BAD_MESSAGE(
                3, SignalingException.BAD_MESSAGE, "the other side could not make sense of this side's key exchange");

        private final int number;
        private final String code;
        private final String message;

        Reason(int number, String code, String message) {
            this.number = number;
            this.code = code;
            this.message = message;
        }

        /** @throws IllegalArgumentException for a number that is none's */
        static Reason of(int number) {
            for (Reason reason : values()) {
                if (reason.number == number) {
                    return reason;
                }
            }
            throw new IllegalArgumentException("reason " + number);
        }

        /** What it is called to the other side. */
        static Reason of(SignalingException failure) {
            return switch (failure.code()) {
                case SignalingException.WRONG_CODE -> WRONG_CODE;
                case SignalingException.FINGERPRINT_MISMATCH -> CHANGED;
                default -> BAD_MESSAGE;
            };
        }

        /** What it is on the wire. */
        int number() {
            return number;
        }

        /** What it is to the side that is told. */
        SignalingException failure() {
            return new SignalingException(code, message);
        }
    }
}
