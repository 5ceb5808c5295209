package dev.floe.signaling;

import dev.floe.ice.IceDescription;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalMessage.ServerError;
import java.util.List;
import java.util.Optional;

/** The client's end of a room. */
final class RoomClientHandler extends ClientHandler {

    private RemoteDescription remote;
    private boolean isDescribed;

    RoomClientHandler(ServerUri server, SignalingClientConfig config) {
        super(server, config);
    }

    @Override
    void opened() {
        // The server's welcome counts, which may be a refusal.
    }

    @Override
    void begin(IceDescription local) {
        say(new Description(
                local.credentials().usernameFragment(),
                local.credentials().password(),
                local.fingerprint(),
                List.copyOf(local.options())));
        local.candidates().forEach(candidate -> say(new CandidateLine(candidate.toSdp())));
        say(new EndOfCandidates());
        isDescribed = true;
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
            if (remote == null || !remote.add(line.candidate())) {
                drop("a candidate");
            }
        } else if (message instanceof EndOfCandidates && remote != null) {
            IceDescription complete = remote.complete();
            remote = null;
            whenExchanging(() -> complete(complete));
        } else if (message instanceof Bye || message instanceof PeerLeft) {
            forgetPeer();
        } else if (message instanceof Joined) {
            join();
        } else if (message instanceof ServerError error) {
            fail(new SignalingException(error.code(), error.message()));
        }
    }

    private void describe(Description description) {
        try {
            remote = new RemoteDescription(description);
        } catch (SignalingException e) {
            remote = null;
            whenExchanging(() -> failExchange(e));
        }
    }

    private void forgetPeer() {
        remote = null;
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
}
