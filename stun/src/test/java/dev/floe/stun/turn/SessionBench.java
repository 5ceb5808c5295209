package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** A {@link TurnSession} under virtual time, with the test as its server. */
final class SessionBench {
    static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 3478);
    static final InetSocketAddress RELAYED = new InetSocketAddress("192.0.2.1", 50_000);
    static final InetSocketAddress RELAYED_IPV6 = new InetSocketAddress("2001:db8::1", 50_000);
    static final InetSocketAddress MAPPED = new InetSocketAddress("198.51.100.1", 7);
    static final InetSocketAddress PEER = new InetSocketAddress("203.0.113.1", 4000);

    private static final Realm REALM = new Realm("floe.test");
    private static final StunKey KEY = StunKey.longTerm("alice", "floe.test", "secret", PasswordAlgorithm.MD5);

    final TurnSession session;
    final Deque<StunMessage> sent = new ArrayDeque<>();
    final Deque<TurnOutput.Connect> connects = new ArrayDeque<>();
    final Deque<TurnEvent> events = new ArrayDeque<>();
    final List<InetAddress> permitted = new ArrayList<>();
    int released;
    long now = 1;

    private final boolean isReliable;
    private int nonces;

    SessionBench() {
        this(config(TurnTransport.UDP).build());
    }

    SessionBench(TurnConfig config) {
        session = new TurnSession(config, new Random(1));
        isReliable = config.server().transport() != TurnTransport.UDP;
    }

    static TurnConfig.Builder config(TurnTransport transport) {
        return TurnConfig.builder(new TurnServer(SERVER, transport, "alice", "secret"));
    }

    /** Starts, and with a reliable transport stops where the connection is awaited. */
    SessionBench start() {
        session.allocate(SERVER, now);
        drain();
        return this;
    }

    /** Goes on to an allocation. */
    SessionBench allocated(StunAttribute... attributes) {
        start();
        if (isReliable) {
            connected();
        }
        challenge(take(StunMethod.ALLOCATE));
        grantAllocation(take(StunMethod.ALLOCATE), attributes);
        assertThat(event(TurnEvent.Allocated.class).allocation())
                .isEqualTo(new TurnAllocation(SERVER, List.of(RELAYED), MAPPED));
        return this;
    }

    void connected() {
        session.connected(now);
        drain();
    }

    void grantAllocation(StunMessage request, StunAttribute... attributes) {
        StunMessage.Builder response =
                StunMessage.success(request).add(new XorRelayedAddress(RELAYED)).add(new XorMappedAddress(MAPPED));
        finish(response, attributes);
    }

    void grant(StunMessage request, StunAttribute... attributes) {
        finish(StunMessage.success(request), attributes);
    }

    void refuse(StunMessage request, int code, StunAttribute... attributes) {
        finish(StunMessage.error(request, code, "because"), attributes);
    }

    /** Asks for credentials, or says that the nonce is stale. */
    void challenge(StunMessage request) {
        int code = request.has(Nonce.class) ? 438 : 401;
        receive(StunMessage.error(request, code, "")
                .add(REALM)
                .add(new Nonce("nonce" + nonces++))
                .build());
    }

    void receive(StunMessage response) {
        session.receive(response, now);
        drain();
    }

    /** Lets time pass; whatever is due is done when it is due. */
    void pass(Duration time) {
        long end = now + time.toNanos();
        while (session.deadlineNanos() <= end) {
            now = Math.max(now, session.deadlineNanos());
            session.advance(now);
            drain();
        }
        now = end;
    }

    /** The next message sent of this kind, forgetting those before it. */
    StunMessage take(StunMethod method) {
        while (!sent.isEmpty()) {
            StunMessage message = sent.remove();
            if (message.method().equals(method)) {
                assertThat(!message.has(Nonce.class) || message.isSignedBy(KEY)).isTrue();
                return message;
            }
        }
        throw new AssertionError("no " + method + " was sent");
    }

    List<StunMethod> sentMethods() {
        return sent.stream().map(StunMessage::method).toList();
    }

    <E extends TurnEvent> E event(Class<E> kind) {
        assertThat(events).as("events").isNotEmpty();
        assertThat(events.peek()).isInstanceOf(kind);
        return kind.cast(events.remove());
    }

    TurnPermission.State permit(InetSocketAddress peer) {
        TurnPermission.State state = session.permit(peer.getAddress(), now);
        drain();
        return state;
    }

    /** The channel for data to the peer, 0 for none. */
    int channel(InetSocketAddress peer) {
        int channel = session.channelFor(peer, true, now);
        drain();
        return channel;
    }

    void drain() {
        for (TurnOutput output = session.poll(); output != null; output = session.poll()) {
            if (output instanceof TurnOutput.Transmit transmit) {
                sent.add(transmit.message());
                session.sent(now);
            } else if (output instanceof TurnOutput.Notify notify) {
                events.add(notify.event());
            } else if (output instanceof TurnOutput.Released) {
                released++;
            } else if (output instanceof TurnOutput.Permitted permission) {
                permitted.add(permission.peer());
            } else if (output instanceof TurnOutput.Connect connect) {
                connects.add(connect);
                if (!isReliable) {
                    session.connected(now);
                }
            }
        }
    }

    private void finish(StunMessage.Builder response, StunAttribute... attributes) {
        for (StunAttribute attribute : attributes) {
            response.add(attribute);
        }
        receive(response.sign(KEY).build());
    }
}
