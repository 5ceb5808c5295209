package dev.floe.signaling.pake;

import dev.floe.signaling.SignalingException;
import dev.floe.signaling.pake.PakeMessage.Acceptance;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeMessage.Proof;
import dev.floe.signaling.pake.PakeMessage.Reason;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import dev.floe.signaling.pake.PakeMessage.Round1;
import dev.floe.signaling.pake.PakeMessage.Round2;
import dev.floe.signaling.pake.PakeMessage.SecondPass;
import dev.floe.signaling.pake.PakeMessage.ThirdPass;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.bouncycastle.util.BigIntegers;

/**
 * Messages to text and back: a byte for the kind, then fields of fixed lengths, in base64url without padding. Whatever
 * has another length is refused before any number is looked at.
 */
public final class PakeCodec {

    private static final int ELEMENT_BYTES = 384;
    private static final int SCALAR_BYTES = 32;
    private static final int PROOF_BYTES = ELEMENT_BYTES + SCALAR_BYTES;
    private static final int ROUND_2_BYTES = ELEMENT_BYTES + PROOF_BYTES;
    private static final int MAX_BYTES = 1 + 2 * PakeId.BYTES + 3 * ROUND_2_BYTES;
    private static final int MAX_CHARACTERS = MAX_BYTES * 4 / 3 + 3;

    private static final byte FIRST_PASS = 1;
    private static final byte SECOND_PASS = 2;
    private static final byte THIRD_PASS = 3;
    private static final byte ACCEPTANCE = 4;
    private static final byte REFUSAL = 5;

    private PakeCodec() {}

    public static String write(PakeMessage message) {
        ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
        if (message instanceof FirstPass first) {
            out.put(FIRST_PASS).put(first.from().bytes());
            put(out, first.round1());
        } else if (message instanceof SecondPass second) {
            out.put(SECOND_PASS).put(second.from().bytes()).put(second.to().bytes());
            put(out, second.round1());
            put(out, second.round2());
        } else if (message instanceof ThirdPass third) {
            out.put(THIRD_PASS).put(third.from().bytes()).put(third.to().bytes());
            put(out, third.round2());
        } else if (message instanceof Acceptance acceptance) {
            out.put(ACCEPTANCE)
                    .put(acceptance.from().bytes())
                    .put(acceptance.to().bytes());
        } else if (message instanceof Refusal refusal) {
            out.put(REFUSAL).put(refusal.from().bytes()).put(refusal.to().bytes());
            out.put((byte) refusal.reason().number());
        }
        return base64(out.flip());
    }

    /**
     * Reads one message.
     *
     * @throws SignalingException with code {@code bad-message} if it is none
     */
    public static PakeMessage read(String text) throws SignalingException {
        try {
            ByteBuffer in = bytes(text, MAX_CHARACTERS);
            PakeMessage message = read(in);
            if (!in.hasRemaining()) {
                return message;
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw unreadable(e);
        }
        throw unreadable(null);
    }

    static String base64(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(array);
    }

    /** @throws IllegalArgumentException if it is too long, or no base64url */
    static ByteBuffer bytes(String text, int maxCharacters) {
        if (text.length() > maxCharacters) {
            throw new IllegalArgumentException(text.length() + " characters");
        }
        return ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
    }

    static PakeId id(ByteBuffer in) {
        byte[] bytes = new byte[PakeId.BYTES];
        in.get(bytes);
        return PakeId.of(bytes);
    }

    private static PakeMessage read(ByteBuffer in) {
        byte kind = in.get();
        PakeId from = id(in);
        return switch (kind) {
            case FIRST_PASS -> new FirstPass(from, round1(in));
            case SECOND_PASS -> new SecondPass(from, id(in), round1(in), round2(in));
            case THIRD_PASS -> new ThirdPass(from, id(in), round2(in));
            case ACCEPTANCE -> new Acceptance(from, id(in));
            case REFUSAL -> new Refusal(from, id(in), Reason.of(in.get()));
            default -> throw new IllegalArgumentException("kind " + kind);
        };
    }

    private static void put(ByteBuffer out, Round1 round) {
        put(out, round.gx1(), ELEMENT_BYTES);
        put(out, round.proof1());
        put(out, round.gx2(), ELEMENT_BYTES);
        put(out, round.proof2());
    }

    private static void put(ByteBuffer out, Round2 round) {
        put(out, round.a(), ELEMENT_BYTES);
        put(out, round.proof());
    }

    private static void put(ByteBuffer out, Proof proof) {
        put(out, proof.commitment(), ELEMENT_BYTES);
        put(out, proof.response(), SCALAR_BYTES);
    }

    private static void put(ByteBuffer out, BigInteger value, int bytes) {
        out.put(BigIntegers.asUnsignedByteArray(bytes, value));
    }

    private static Round1 round1(ByteBuffer in) {
        return new Round1(number(in, ELEMENT_BYTES), proof(in), number(in, ELEMENT_BYTES), proof(in));
    }

    private static Round2 round2(ByteBuffer in) {
        return new Round2(number(in, ELEMENT_BYTES), proof(in));
    }

    private static Proof proof(ByteBuffer in) {
        return new Proof(number(in, ELEMENT_BYTES), number(in, SCALAR_BYTES));
    }

    private static BigInteger number(ByteBuffer in, int bytes) {
        byte[] magnitude = new byte[bytes];
        in.get(magnitude);
        return new BigInteger(1, magnitude);
    }

    private static SignalingException unreadable(Throwable cause) {
        return new SignalingException(
                SignalingException.BAD_MESSAGE,
                "the other side's key exchange is of no use: not a message of it",
                cause);
    }
}
