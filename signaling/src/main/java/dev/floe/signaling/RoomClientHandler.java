package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalMessage.ServerError;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;

/** The client's end of a room. */
final class RoomClientHandler extends ClientHandler {

    /** What the other side has said since it described itself last. */
    private RemoteDescription remote;

    /** The exchange that has been completed with it, and hears what comes after. */
    private ClientExchange taker;

    private boolean isDescribed;

    RoomClientHandler(ServerUri server, SignalingClientConfig config) {
        super(server, config);
    }

    @Override
    TrickleExchange.Session trickle(IceDescription local, TrickleExchange.Candidates theirs) {
        ClientExchange exchange = new ClientExchange(local, loop().newPromise(), theirs);
        start(exchange);
        return new Trickle(exchange);
    }

    @Override
    void opened() {
        // The server's welcome counts, which may be a refusal.
    }

    @Override
    void begin(ClientExchange exchange) {
        IceDescription local = exchange.local();
        isDescribed = true;
        say(new Description(
                local.credentials().usernameFragment(),
                local.credentials().password(),
                local.fingerprint(),
                List.copyOf(local.options())));
        local.candidates().forEach(candidate -> say(new CandidateLine(candidate.toSdp())));
        if (exchange.isWhole()) {
            say(new EndOfCandidates());
        }
    }

    @Override
    void heard(String text) {
        try {
            Optional<SignalMessage> message = SignalJson.read(text);
            if (message.isPresent()) {
                heard(message.get());
            } else {
                drop("a message of an unknown type");
            }
        } catch (SignalingException e) {
            drop(e.getMessage());
        }
    }

    @Override
    void sayBye() {
        say(new Bye());
    }

    private void heard(SignalMessage message) {
        if (message instanceof Description description) {
            describe(description);
        } else if (message instanceof CandidateLine line) {
            add(line);
        } else if (message instanceof EndOfCandidates && remote != null) {
            end();
        } else if (message instanceof Bye || message instanceof PeerLeft) {
            forgetPeer();
        } else if (message instanceof Joined) {
            join();
        } else if (message instanceof ServerError error) {
            fail(new SignalingException(error.code(), error.message()));
        }
    }

    private void describe(Description description) {
        taker = null;
        try {
            remote = new RemoteDescription(description);
        } catch (SignalingException e) {
            remote = null;
            whenExchanging(() -> failExchange(e));
            return;
        }
        offer(remote);
    }

    private void add(CandidateLine line) {
        Optional<Candidate> candidate = remote == null ? Optional.empty() : remote.add(line.candidate());
        if (candidate.isEmpty()) {
            drop("a candidate");
        } else if (taker != null && !taker.isWhole()) {
            taker.theirs().add(candidate.get());
        }
    }

    private void end() {
        remote.end();
        if (taker == null) {
            offer(remote);
        } else if (!taker.isWhole()) {
            taker.theirs().end();
        }
    }

    /** Completes an exchange with what has been said, now or when one begins; one of whole descriptions at the end. */
    private void offer(RemoteDescription offered) {
        whenExchanging(() -> {
            if (offered.isEnded() || !exchange().isWhole()) {
                taker = exchange();
                complete(offered.description());
                if (offered.isEnded() && !taker.isWhole()) {
                    taker.theirs().end();
                }
            }
        });
    }

    private void forgetPeer() {
        remote = null;
        taker = null;
        peerGone();
        // The description was for the peer that has gone: no other should find it.
        if (isDescribed && !isExchanging()) {
            isDescribed = false;
            say(new Bye());
        }
    }

    private void say(SignalMessage message) {
        say(SignalJson.write(message));
    }

    /** This side's candidates, as they are found. */
    private final class Trickle implements TrickleExchange.Session {
        private final ClientExchange exchange;

        Trickle(ClientExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public Future<IceDescription> remote() {
            return exchange.remote();
        }

        @Override
        public void add(Candidate candidate) {
            sayIfLatest(new CandidateLine(candidate.toSdp()));
        }

        @Override
        public void end() {
            sayIfLatest(new EndOfCandidates());
        }

        // A candidate belongs to the description that was said last: what an earlier exchange still finds goes unsaid.
        private void sayIfLatest(SignalMessage message) {
            loop().execute(() -> {
                if (isDescribed && exchange().equals(exchange)) {
                    say(message);
                }
            });
        }
    }
}
