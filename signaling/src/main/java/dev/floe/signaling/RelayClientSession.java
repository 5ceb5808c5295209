package dev.floe.signaling;

import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.signaling.wire.RelayJson;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The client's end of the plain relay. Whoever else is on it is heard too, so all that is no description, is one's own,
 * or has been used already, is ignored.
 */
final class RelayClientSession extends ClientSession {

    private static final int REPEAT_SECONDS = 1;

    private final RelayRole role;
    private IceDescription local;
    private String answer;
    private IceCredentials lastRemote;
    private Future<?> repetition;

    RelayClientSession(
            List<ServerUri> servers,
            SignalingClientConfig config,
            Consumer<SignalMessage> listener,
            EventLoop loop,
            RelayRole role) {
        super(servers, config, listener, loop);
        this.role = role;
    }

    @Override
    URI target(ServerUri server) {
        return server.relay();
    }

    /** The relay carries whole descriptions alone. */
    @Override
    TrickleExchange.Session trickle(IceDescription description, TrickleExchange.Candidates theirs) {
        return TrickleExchange.half(this::exchange).begin(description, theirs);
    }

    @Override
    TrickleExchange trickle(PakeRole pakeRole, String password) {
        throw new IllegalStateException("the relay carries descriptions alone; a password needs a room");
    }

    @Override
    void opened() {
        join();
    }

    @Override
    void begin(ClientExchange exchange) {
        local = exchange.local();
        if (role == RelayRole.OFFERER) {
            stopRepeating();
            repeat(RelayJson.write(local));
        }
    }

    @Override
    void heard(String text) {
        Optional<RelayJson> object = RelayJson.read(text);
        if (object.isEmpty()) {
            drop("something that is no description");
            return;
        }
        try {
            tell(object.get());
            heard(description(object.get()));
        } catch (SignalingException e) {
            if (role == RelayRole.ANSWERER || isExchanging()) {
                whenExchanging(() -> failExchange(e));
            }
        }
    }

    @Override
    void say(SignalMessage message) {
        throw new IllegalStateException("the relay carries whole descriptions alone");
    }

    @Override
    void sayBye() {
        // The relay's protocol has no word for it.
    }

    /** In the words of a room. */
    private void tell(RelayJson object) {
        tell(object.description());
        object.candidates().forEach(candidate -> tell(new SignalMessage.CandidateLine(candidate)));
        tell(new SignalMessage.EndOfCandidates());
    }

    private void sayIfOnline(String text) {
        if (link().isOnline()) {
            link().send(text);
        }
    }

    private IceDescription description(RelayJson object) throws SignalingException {
        RemoteDescription remote = new RemoteDescription(object.description());
        for (String line : object.candidates()) {
            if (!RemoteDescription.parse(line).map(remote::add).orElse(false)) {
                drop("a candidate");
            }
        }
        return remote.description();
    }

    private void heard(IceDescription remote) {
        if (local != null && remote.credentials().equals(local.credentials())) {
            drop("an echo");
        } else if (role == RelayRole.OFFERER) {
            heardAnswer(remote);
        } else {
            heardOffer(remote);
        }
    }

    private void heardAnswer(IceDescription remote) {
        if (isExchanging() && !remote.credentials().equals(lastRemote)) {
            lastRemote = remote.credentials();
            stopRepeating();
            complete(remote);
        } else {
            drop("an answer to nothing");
        }
    }

    private void heardOffer(IceDescription remote) {
        if (remote.credentials().equals(lastRemote)) {
            sayIfOnline(answer);
        } else {
            whenExchanging(() -> {
                lastRemote = remote.credentials();
                answer = RelayJson.write(local);
                sayIfOnline(answer);
                complete(remote);
            });
        }
    }

    private void repeat(String offer) {
        if (isExchanging()) {
            sayIfOnline(offer);
            repetition = loop().schedule(() -> repeat(offer), REPEAT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void stopRepeating() {
        if (repetition != null) {
            repetition.cancel(false);
        }
    }
}
