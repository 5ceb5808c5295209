package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import io.netty.util.concurrent.Future;
import java.util.Base64;

/** This side's candidates in one exchange, as they are found. */
final class RoomTrickle implements TrickleExchange.Session {

    private final RoomClientSession session;
    private final ClientExchange exchange;

    RoomTrickle(RoomClientSession session, ClientExchange exchange) {
        this.session = session;
        this.exchange = exchange;
    }

    @Override
    public Future<IceDescription> remote() {
        return exchange.remote();
    }

    @Override
    public void add(Candidate candidate) {
        session.inLoop(() -> {
            if (exchange.remote().isSuccess()) {
                session.say(new CandidateLine(named(candidate).toSdp()));
            } else {
                session.sayIfLatest(exchange, new CandidateLine(candidate.toSdp()));
            }
        });
    }

    @Override
    public void end() {
        session.inLoop(() -> session.sayIfLatest(exchange, new EndOfCandidates()));
    }

    @Override
    public void message(byte[] content) {
        if (content.length > TrickleExchange.MAX_MESSAGE) {
            throw new IllegalArgumentException(
                    content.length + " bytes, expected at most " + TrickleExchange.MAX_MESSAGE);
        }
        String payload = Base64.getEncoder().encodeToString(content);
        String username = exchange.local().credentials().usernameFragment();
        session.say(new HolePunch(username, payload));
    }

    @Override
    public void networkChanged() {
        session.reconnect();
    }

    /** With the name of the session, so that the other side knows whose it is whatever has been said since. */
    private Candidate named(Candidate candidate) {
        return new Candidate(
                candidate.foundation(),
                candidate.priority(),
                candidate.address(),
                candidate.type(),
                candidate.relatedAddress(),
                exchange.local().credentials().usernameFragment());
    }
}
