package dev.floe.signaling.pake;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage.Description;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The key of one run as one side has it. It proves two things of a description: that who sends it has the same key, and
 * so the password (RFC 8236 §5), and that the description is what was sent.
 */
public final class PakeKey {

    private static final int TAG_BYTES = 32;
    private static final int PROOF_BYTES = 2 * PakeId.BYTES + 2 * TAG_BYTES;
    private static final int MAX_CHARACTERS = PROOF_BYTES * 4 / 3 + 3;

    private final PakeRole role;
    private final PakeId own;
    private final PakeId peer;
    private final byte[] key;

    PakeKey(PakeRole role, PakeId own, PakeId peer, byte[] key) {
        this.role = role;
        this.own = own;
        this.peer = peer;
        this.key = key;
    }

    /** What the other side's description turns out to be. */
    enum Judgement {
        /** Of another run. */
        STALE,
        /** From somebody with another key. */
        WRONG_KEY,
        /** Not as the other side has sent it. */
        CHANGED,
        GENUINE
    }

    /** The same description with what proves that it is this side's. */
    public Description sign(Description description) {
        ByteBuffer proof = ByteBuffer.allocate(PROOF_BYTES)
                .put(own.bytes())
                .put(peer.bytes())
                .put(keyTag(role))
                .put(descriptionTag(role, description));
        return description.withProof(PakeCodec.base64(proof.flip()));
    }

    /** Judges what the other side has signed. */
    Judgement judge(Description description) {
        Optional<ByteBuffer> proof = proof(description);
        if (proof.isEmpty()) {
            return Judgement.CHANGED;
        }
        ByteBuffer in = proof.get();
        if (!isBetween(PakeCodec.id(in), PakeCodec.id(in))) {
            return Judgement.STALE;
        }
        PakeRole other = role == PakeRole.INITIATOR ? PakeRole.RESPONDER : PakeRole.INITIATOR;
        if (!MessageDigest.isEqual(tag(in), keyTag(other))) {
            return Judgement.WRONG_KEY;
        }
        return MessageDigest.isEqual(tag(in), descriptionTag(other, description))
                ? Judgement.GENUINE
                : Judgement.CHANGED;
    }

    /** Whether it is the other side's word to this one. */
    boolean isBetween(PakeId from, PakeId to) {
        return from.equals(peer) && to.equals(own);
    }

    private static Optional<ByteBuffer> proof(Description description) {
        if (description.proof() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(PakeCodec.bytes(description.proof(), MAX_CHARACTERS))
                    .filter(bytes -> bytes.remaining() == PROOF_BYTES);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private byte[] keyTag(PakeRole signer) {
        return Sha256.hmac(key, bytes("key confirmation"), bytes(signer.name()));
    }

    private byte[] descriptionTag(PakeRole signer, Description description) {
        List<byte[]> parts = new ArrayList<>();
        parts.add(bytes("description"));
        parts.add(bytes(signer.name()));
        parts.add(bytes(description.username()));
        parts.add(bytes(description.password()));
        parts.add(bytes(description.fingerprint() == null ? "" : description.fingerprint()));
        description.options().forEach(option -> parts.add(bytes(option)));
        return Sha256.hmac(key, parts.toArray(byte[][]::new));
    }

    private static byte[] tag(ByteBuffer in) {
        byte[] tag = new byte[TAG_BYTES];
        in.get(tag);
        return tag;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
