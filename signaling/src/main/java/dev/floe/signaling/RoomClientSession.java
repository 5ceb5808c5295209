package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalMessage.ServerError;
import dev.floe.signaling.pake.PakeCodec;
import dev.floe.signaling.pake.PakeGuesses;
import dev.floe.signaling.pake.PakeMessage;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeSecret;
import dev.floe.signaling.room.RoomName;
import dev.floe.signaling.wire.SignalJson;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The client's end of a room. */
final class RoomClientSession extends ClientSession {

    private static final int MAX_PARTNERS = 32;

    private final RoomName room;
    private final Outbox outbox = new Outbox();
    private final PakeGuesses guesses = new PakeGuesses();
    private String resume;
    private long lastSequence;
    private boolean isDescribed;

    /** What the other side opens a key exchange with; null if it does not. */
    private FirstPass opening;

    /** How the other side in the room has described itself last; null before, and after it has left. */
    private RemoteDescription remote;

    /** Those that were taken, the last one first: the peers that they are of may roam, and leave the room and come back. */
    private final Deque<RemoteDescription> partners = new ArrayDeque<>();

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
        return trickle(new ClientExchange(local, loop().newPromise(), theirs, null));
    }

    @Override
    TrickleExchange trickle(PakeRole role, String password) {
        PakeSecret secret = new PakeSecret(role, password, room.value());
        return (local, theirs) -> {
            AuthenticatedExchange authenticated = new AuthenticatedExchange(this, local, secret, guesses);
            return trickle(new ClientExchange(local, loop().newPromise(), theirs, authenticated));
        };
    }

    @Override
    void opened() {
        // The server's welcome counts, which may be a refusal.
    }

    @Override
    void begin(ClientExchange exchange) {
        if (exchange.isAuthenticated()) {
            begin(exchange.authenticated());
            return;
        }
        IceDescription local = exchange.local();
        say(description(local));
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

    /** As this side says it. */
    static Description description(IceDescription local) {
        return new Description(
                local.credentials().usernameFragment(),
                local.credentials().password(),
                local.fingerprint(),
                List.copyOf(local.options()));
    }

    /** Says how this side is to be known from now on. */
    void say(Description description) {
        isDescribed = true;
        say((SignalMessage) description);
    }

    /** The other side in the room has described itself, and need not be doubted. */
    RemoteDescription accept(Description genuine) throws SignalingException {
        remote = new RemoteDescription(genuine);
        return remote;
    }

    /** Completes the exchange with a description, and tells it what comes after. */
    void take(RemoteDescription taken) {
        partners.addFirst(taken);
        if (partners.size() > MAX_PARTNERS) {
            partners.removeLast();
        }
        complete(taken.description());
        taken.takenBy(exchange());
    }

    /** Says what belongs to the description of an exchange: before the two know each other, none but the latest counts. */
    void sayIfLatest(ClientExchange exchange, SignalMessage message) {
        if (!exchange().equals(exchange)) {
            return;
        }
        if (exchange.isAuthenticated()) {
            exchange.authenticated().add(message);
        } else if (isDescribed) {
            say(message);
        }
    }

    boolean isUnderWay(AuthenticatedExchange authenticated) {
        return isAuthenticating() && exchange().authenticated() == authenticated;
    }

    private TrickleExchange.Session trickle(ClientExchange exchange) {
        start(exchange);
        return new RoomTrickle(this, exchange);
    }

    private void begin(AuthenticatedExchange authenticated) {
        authenticated.begin();
        if (opening != null) {
            authenticated.hear(opening);
        }
    }

    private boolean isAuthenticating() {
        return isExchanging() && exchange().isAuthenticated();
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
            link().lose(new SignalingException(
                    SignalingException.SIGNALING_LOST, "the signaling server left a message out"));
            return false;
        }
        lastSequence = sequence;
        return true;
    }

    private void heard(SignalMessage message) {
        tell(message);
        if (message instanceof Description description) {
            hear(description);
        } else if (message instanceof Pake pake) {
            hear(pake);
        } else if (message instanceof CandidateLine line) {
            add(line);
        } else if (message instanceof HolePunch word) {
            hear(word);
        } else if (message instanceof EndOfCandidates && remote != null) {
            end();
        } else if (message instanceof Bye || message instanceof PeerLeft) {
            forgetPeer();
        } else if (message instanceof Joined welcome && !link().isOnline()) {
            join(welcome);
        } else if (message instanceof ServerError error) {
            refused(error);
        }
    }

    private void join(Joined welcome) {
        boolean isResumed = resume != null && resume.equals(welcome.resume());
        if (!isResumed) {
            resume = welcome.resume();
            lastSequence = 0;
            outbox.restart(0);
        }
        join();
        outbox.after(welcome.received()).forEach(link()::send);
    }

    private void refused(ServerError error) {
        SignalingException cause = new SignalingException(error.code(), error.message());
        if (resume != null && !link().isOnline() && error.code().equals(SignalingException.SESSION_LOST)) {
            resume = null;
            link().connect();
        } else if (mayPass(error)) {
            link().lose(cause);
        } else if (!error.code().equals(SignalingException.UNKNOWN_TYPE)) {
            fail(cause);
        } else if (isAuthenticating()) {
            failExchange(
                    new SignalingException(error.code(), "the signaling server knows no passwords: it is too old"));
        }
    }

    // Who took the place of one that was away may leave again, and two peers that know each other have time.
    private boolean mayPass(ServerError error) {
        return switch (error.code()) {
            case SignalingException.UNKNOWN_TYPE -> false;
            case SignalingException.UNAVAILABLE -> joined().isSuccess();
            default -> hasFoundPeer();
        };
    }

    private void hear(Pake pake) {
        try {
            PakeMessage message = PakeCodec.read(pake.payload());
            if (message instanceof FirstPass first) {
                opening = first;
            }
            if (isAuthenticating()) {
                exchange().authenticated().hear(message);
            }
        } catch (SignalingException e) {
            drop(e.getMessage());
            if (isAuthenticating()) {
                exchange().authenticated().refuse(e);
            }
        }
    }

    private void hear(Description description) {
        Optional<RemoteDescription> known = partners.stream()
                .filter(partner -> partner.isSaidBy(description))
                .findFirst();
        if (known.isPresent()) {
            // It has come back, and both know each other: it is for no other exchange.
            remote = known.get();
        } else if (isAuthenticating()) {
            remote = null;
            exchange().authenticated().hear(description);
        } else if (remote == null || !remote.isSaidBy(description)) {
            describeAnew(description);
        }
    }

    private void describeAnew(Description description) {
        try {
            remote = new RemoteDescription(description);
        } catch (SignalingException e) {
            remote = null;
            whenTrusting(() -> failExchange(e));
            return;
        }
        offer(remote);
    }

    private void add(CandidateLine line) {
        Optional<Candidate> candidate = RemoteDescription.parse(line.candidate());
        Optional<RemoteDescription> owner = candidate.flatMap(this::owner);
        if (owner.isEmpty() || !owner.get().add(candidate.get())) {
            drop("a candidate");
        }
    }

    /** Whose a candidate is: that of who has described itself last, unless it names another. */
    private Optional<RemoteDescription> owner(Candidate candidate) {
        boolean isLast = candidate.usernameFragment() == null || (remote != null && remote.isNamedBy(candidate));
        return isLast
                ? Optional.ofNullable(remote)
                : partners.stream()
                        .filter(partner -> partner.isNamedBy(candidate))
                        .findFirst()
                        .or(() -> Optional.ofNullable(partners.peekFirst()));
    }

    private void hear(HolePunch word) {
        boolean isHeard = Stream.concat(Stream.ofNullable(remote), partners.stream())
                .filter(owner -> owner.isNamed(word.username()))
                .findFirst()
                .filter(owner -> owner.hear(word))
                .isPresent();
        if (!isHeard) {
            drop("a word of hole punching");
        }
    }

    private void end() {
        remote.end();
        if (!remote.isTaken() && !isAuthenticating()) {
            offer(remote);
        }
    }

    /** Completes an exchange with what has been said, now or when one begins; one of whole descriptions at the end. */
    private void offer(RemoteDescription offered) {
        whenTrusting(() -> {
            if (offered.isEnded() || !exchange().isWhole()) {
                take(offered);
            }
        });
    }

    /** As {@link #whenExchanging}, with an exchange that takes a description without a proof. */
    private void whenTrusting(Runnable action) {
        whenExchanging(() -> {
            if (exchange().isAuthenticated()) {
                drop("a description without a proof");
            } else {
                action.run();
            }
        });
    }

    private void forgetPeer() {
        remote = null;
        opening = null;
        peerGone();
        // The description was for the peer that has gone: no other should find it.
        if (isDescribed && !isExchanging()) {
            isDescribed = false;
            say(new Bye());
        }
    }

    private void sayInLoop(SignalMessage message) {
        String json = SignalJson.write(message);
        outbox.add(json, message instanceof Description || message instanceof Bye);
        if (link().isOnline()) {
            link().send(json);
        }
    }
}
