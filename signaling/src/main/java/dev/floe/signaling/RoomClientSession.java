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
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.wire.SignalJson;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The client's end of a room. */
final class RoomClientSession extends ClientSession {

    /** What the other side has said since it described itself last. */
    private RemoteDescription remote;

    /** The exchange that has been completed with it, and hears what comes after. */
    private ClientExchange taker;

    private final RoomName room;
    private final Outbox outbox = new Outbox();
    private String resume;
    private long lastSequence;
    private Description described;
    private boolean isDescribed;

    RoomClientSession(
            List<ServerUri> servers,
            SignalingClientConfig config,
            Consumer<SignalMessage> listener,
            EventLoop loop,
            RoomName room) {
        super(servers, config, listener, loop);
        this.room = room;
    }

    @Override
    URI target(ServerUri server) {
        URI uri = server.room(room);
        return resume == null
                ? uri
                : URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + "resume="
                        + URLEncoder.encode(resume, StandardCharsets.UTF_8) + "&seq=" + lastSequence);
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
            SignalJson.Numbered message = SignalJson.readNumbered(text);
            if (isNext(message.sequence())) {
                if (message.known().isPresent()) {
                    heard(message.message());
                } else {
                    drop("a message of an unknown type");
                }
            }
        } catch (SignalingException e) {
            drop(e.getMessage());
        }
    }

    @Override
    void say(SignalMessage message) {
        if (loop().inEventLoop()) {
            sayInLoop(message);
        } else {
            loop().execute(() -> sayInLoop(message));
        }
    }

    @Override
    void sayBye() {
        say(new Bye());
    }

    /** Whether a message is neither a repetition nor beyond a gap; after a gap the server is asked for what lacks. */
    private boolean isNext(long sequence) {
        if (sequence == 0) {
            return true;
        }
        if (sequence <= lastSequence) {
            drop("a repetition");
            return false;
        }
        if (sequence > lastSequence + 1) {
            lose(new SignalingException(SignalingException.SIGNALING_LOST, "the signaling server left a message out"));
            return false;
        }
        lastSequence = sequence;
        return true;
    }

    private void heard(SignalMessage message) {
        tell(message);
        if (message instanceof Description description) {
            describe(description);
        } else if (message instanceof CandidateLine line) {
            add(line);
        } else if (message instanceof EndOfCandidates && remote != null && !remote.isEnded()) {
            end();
        } else if (message instanceof Bye || message instanceof PeerLeft) {
            forgetPeer();
        } else if (message instanceof Joined welcome) {
            join(welcome);
        } else if (message instanceof ServerError error) {
            refused(error);
        }
    }

    private void join(Joined welcome) {
        boolean isResumed = resume != null && resume.equals(welcome.resume()) && outbox.reaches(welcome.received());
        if (!isResumed) {
            resume = welcome.resume();
            lastSequence = 0;
            outbox.restart();
        }
        join();
        outbox.after(isResumed ? welcome.received() : 0).forEach(this::send);
    }

    private void refused(ServerError error) {
        SignalingException cause = new SignalingException(error.code(), error.message());
        boolean canWait = joined().isSuccess() && error.code().equals(SignalingException.UNAVAILABLE);
        if (resume != null && error.code().equals(SignalingException.SESSION_LOST)) {
            resume = null;
            again();
        } else if (canWait) {
            lose(cause);
        } else if (!error.code().equals(SignalingException.UNKNOWN_TYPE)) {
            fail(cause);
        }
    }

    private void describe(Description description) {
        if (description.equals(described)) {
            // Both had to join anew, and it says again what it had said.
            return;
        }
        described = description;
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
        described = null;
        peerGone();
        // The description was for the peer that has gone: no other should find it.
        if (isDescribed && !isExchanging()) {
            isDescribed = false;
            say(new Bye());
        }
    }

    private void sayInLoop(SignalMessage message) {
        String json = SignalJson.write(message);
        outbox.add(json, message instanceof Description);
        if (isOnline()) {
            send(json);
        }
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
