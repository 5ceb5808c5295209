package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.pake.PakeCodec;
import dev.floe.signaling.pake.PakeGuesses;
import dev.floe.signaling.pake.PakeHandshake;
import dev.floe.signaling.pake.PakeKey;
import dev.floe.signaling.pake.PakeMessage;
import dev.floe.signaling.pake.PakeSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/**
 * What an exchange in a room has besides if a password is to vouch for it: the initiator says nothing of itself before
 * the other side's password is known to be right, and each side says all of it again to each peer that comes. Confined to the client's event loop.
 */
final class AuthenticatedExchange implements PakeHandshake.Outside {

    private final RoomClientSession session;
    private final Description local;
    private final PakeHandshake handshake;
    private final List<SignalMessage> following = new ArrayList<>();
    private RemoteDescription remote;
    private boolean isDescribed;

    AuthenticatedExchange(RoomClientSession session, IceDescription local, PakeSecret secret, PakeGuesses guesses) {
        this.session = session;
        this.local = RoomClientSession.description(local);
        handshake = PakeHandshake.of(secret, guesses, this);
        local.candidates().forEach(candidate -> following.add(new SignalMessage.CandidateLine(candidate.toSdp())));
    }

    void begin() {
        handshake.begin();
    }

    /** A candidate of this side, or their end. */
    void add(SignalMessage message) {
        following.add(message);
        if (isDescribed) {
            session.say(message);
        }
    }

    void hear(PakeMessage message) {
        handshake.hear(message);
    }

    void hear(Description description) {
        handshake.hear(description);
    }

    /** What the other side says makes no sense. */
    void refuse(SignalingException cause) {
        handshake.refuse(cause);
    }

    @Override
    public void say(PakeMessage message) {
        session.say(new Pake(PakeCodec.write(message)));
    }

    @Override
    public void describe(PakeKey key) {
        isDescribed = true;
        session.say(key.sign(local));
        following.forEach(session::say);
    }

    @Override
    public void accept(Description genuine) throws SignalingException {
        remote = session.accept(genuine);
    }

    @Override
    public void complete() {
        session.take(remote);
    }

    @Override
    public void fail(SignalingException cause) {
        session.failExchange(cause);
    }

    @Override
    public boolean isWanted() {
        return session.isUnderWay(this);
    }

    @Override
    public void aside(Runnable arithmetic) {
        ForkJoinPool.commonPool().execute(arithmetic);
    }

    @Override
    public void inLoop(Runnable task) {
        session.inLoop(task);
    }
}
