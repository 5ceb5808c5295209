package dev.floe.signaling.pake;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeMessage.Proof;
import dev.floe.signaling.pake.PakeMessage.Round1;
import dev.floe.signaling.pake.PakeMessage.Round2;
import dev.floe.signaling.pake.PakeMessage.SecondPass;
import dev.floe.signaling.pake.PakeMessage.ThirdPass;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.agreement.jpake.JPAKEParticipant;
import org.bouncycastle.crypto.agreement.jpake.JPAKEPrimeOrderGroups;
import org.bouncycastle.crypto.agreement.jpake.JPAKERound1Payload;
import org.bouncycastle.crypto.agreement.jpake.JPAKERound2Payload;
import org.bouncycastle.crypto.digests.SHA256Digest;

/**
 * One side's arithmetic in one run. It takes tens of milliseconds, so no event loop does it; each method is called once,
 * by one thread at a time.
 */
final class PakeRun {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final PakeRole role;
    private final PakeId id = PakeId.random();
    private final JPAKEParticipant participant;
    private FirstPass first;
    private SecondPass second;

    private PakeRun(PakeSecret secret) {
        role = secret.role();
        participant = new JPAKEParticipant(
                name(role, id), secret.password(), JPAKEPrimeOrderGroups.NIST_3072, new SHA256Digest(), RANDOM);
    }

    /**
     * What the initiator has after the second pass.
     *
     * @param third what it has to say
     */
    record Agreed(ThirdPass third, PakeKey key) {}

    /** The initiator's. */
    static PakeRun open(PakeSecret secret) {
        PakeRun run = new PakeRun(secret);
        run.first = new FirstPass(run.id, run.round1());
        return run;
    }

    /**
     * The responder's.
     *
     * @throws SignalingException if the initiator's first round is no such thing
     */
    static PakeRun answer(PakeSecret secret, FirstPass first) throws SignalingException {
        PakeRun run = new PakeRun(secret);
        Round1 round1 = run.round1();
        run.hear(first.from(), first.round1());
        run.first = first;
        run.second = new SecondPass(run.id, first.from(), round1, run.round2());
        return run;
    }

    PakeId id() {
        return id;
    }

    FirstPass first() {
        return first;
    }

    /** The responder's, that is. */
    SecondPass second() {
        return second;
    }

    /** The initiator hears the responder. */
    Agreed hear(SecondPass answer) throws SignalingException {
        hear(answer.from(), answer.round1());
        ThirdPass third = new ThirdPass(id, answer.from(), round2());
        hear(answer.from(), answer.round2());
        second = answer;
        return new Agreed(third, key(answer.from(), third));
    }

    /** The responder hears the initiator again. */
    PakeKey hear(ThirdPass third) throws SignalingException {
        hear(third.from(), third.round2());
        return key(third.from(), third);
    }

    private Round1 round1() {
        JPAKERound1Payload payload = participant.createRound1PayloadToSend();
        return new Round1(
                payload.getGx1(),
                proof(payload.getKnowledgeProofForX1()),
                payload.getGx2(),
                proof(payload.getKnowledgeProofForX2()));
    }

    private Round2 round2() {
        JPAKERound2Payload payload = participant.createRound2PayloadToSend();
        return new Round2(payload.getA(), proof(payload.getKnowledgeProofForX2s()));
    }

    // The proofs are bound to the name, so a role's own words said back to it prove nothing.
    private void hear(PakeId peer, Round1 round) throws SignalingException {
        try {
            participant.validateRound1PayloadReceived(new JPAKERound1Payload(
                    peerName(peer),
                    round.gx1(),
                    round.gx2(),
                    round.proof1().values(),
                    round.proof2().values()));
        } catch (CryptoException e) {
            throw useless(e);
        }
    }

    private void hear(PakeId peer, Round2 round) throws SignalingException {
        try {
            participant.validateRound2PayloadReceived(new JPAKERound2Payload(
                    peerName(peer), round.a(), round.proof().values()));
        } catch (CryptoException e) {
            throw useless(e);
        }
    }

    /** RFC 5869 §2.2, with all that was said as the salt. */
    private PakeKey key(PakeId peer, ThirdPass third) {
        BigInteger material = participant.calculateKeyingMaterial();
        byte[] transcript = Sha256.hash(bytes(first), bytes(second), bytes(third));
        return new PakeKey(role, id, peer, Sha256.hmac(transcript, material.toByteArray()));
    }

    private String peerName(PakeId peer) {
        return name(role == PakeRole.INITIATOR ? PakeRole.RESPONDER : PakeRole.INITIATOR, peer);
    }

    private static byte[] bytes(PakeMessage message) {
        return PakeCodec.write(message).getBytes(StandardCharsets.US_ASCII);
    }

    private static String name(PakeRole role, PakeId id) {
        return role.name().toLowerCase(Locale.ROOT) + " " + id.hex();
    }

    private static Proof proof(BigInteger[] values) {
        return new Proof(values[0], values[1]);
    }

    private static SignalingException useless(CryptoException cause) {
        return new SignalingException(
                SignalingException.BAD_MESSAGE,
                "the other side's key exchange is of no use: " + cause.getMessage(),
                cause);
    }
}
