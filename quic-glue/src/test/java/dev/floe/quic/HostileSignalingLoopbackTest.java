package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.TrickleExchange;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A signaling server that knows both descriptions with their passwords, and turns hostile once the peers are connected. */
@Timeout(60)
class HostileSignalingLoopbackTest {

    /** Longer than both sides' old credentials are good for after the rekeying. */
    private static final int PATIENT_ROUNDS = 400;

    private static final int UNANSWERED_ROUNDS = 20;

    private final long seed = System.nanoTime();
    private final LoopbackPeers peers = new LoopbackPeers();
    private final Ear alicesEar = new Ear();
    private final Ear bobsEar = new Ear();

    private Attacker attacker;
    private QuicChannel bobs;
    private QuicChannel alices;

    /** What one peer has told, and how to tell it something. */
    private static final class Ear {
        final CompletableFuture<TrickleExchange.Candidates> candidates = new CompletableFuture<>();
        final CompletableFuture<IceDescription> told = new CompletableFuture<>();

        TrickleExchange listening(TrickleExchange exchange) {
            return (local, theirs) -> {
                candidates.complete(theirs);
                told.complete(local);
                return exchange.begin(local, theirs);
            };
        }

        IceCredentials credentials() {
            return told.join().credentials();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        System.out.println("seed of the attacker: " + seed);
        attacker = new Attacker(seed);
        InMemoryTrickle signaling = new InMemoryTrickle();
        Future<QuicChannel> offered = PeerConnection.offer(peers.alice.build(), alicesEar.listening(signaling::offer));
        bobs = PeerConnection.answer(peers.bob.build(), bobsEar.listening(signaling::answer))
                .get(15, TimeUnit.SECONDS);
        alices = offered.get(15, TimeUnit.SECONDS);
        ControlStreams.awaitEstablished(alices);
        ControlStreams.awaitEstablished(bobs);
    }

    @AfterEach
    void close() throws IOException {
        peers.close();
        attacker.close();
    }

    @Test
    void serverThatKnowsThePasswordsOfTheDescriptionsRedirectsNothing() throws Exception {
        inject(candidate(attacker.address()));

        int unanswered = 0;
        for (int round = 0; round < PATIENT_ROUNDS && unanswered < UNANSWERED_ROUNDS; round++) {
            attacker.send(attacker.nomination(alicesEar.credentials(), bobsEar.credentials(), -1), alices);
            attacker.send(attacker.nomination(bobsEar.credentials(), alicesEar.credentials(), -1), bobs);
            attacker.send(attacker.roleGame(alicesEar.credentials(), bobsEar.credentials(), -1), alices);
            assertThat(ask(bobs, "Hello!")).isEqualTo("Hello!");
            bobs.eventLoop().schedule(() -> {}, 20, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
            unanswered = isAnswered() ? 0 : unanswered + 1;
        }

        assertThat(unanswered)
                .as("rounds without an answer to the old passwords")
                .isEqualTo(UNANSWERED_ROUNDS);
        assertThat(remoteAddress(alices).getPort())
                .isNotEqualTo(attacker.address().getPort());
        assertThat(remoteAddress(bobs).getPort())
                .isNotEqualTo(attacker.address().getPort());
        assertThat(ask(bobs, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void floodOfCandidatesIsBoundedAndTheEndOfThemChangesNothing() throws Exception {
        for (int port = 1; port <= 10_000; port++) {
            inject(candidate(new InetSocketAddress("192.0.2.66", port)));
        }
        alicesEar.candidates.join().end();
        bobsEar.candidates.join().end();

        for (QuicChannel side : List.of(alices, bobs)) {
            long strangers = PeerConnection.of(side).stats().get(10, TimeUnit.SECONDS).stream()
                    .filter(stats ->
                            stats.pair().remoteAddress().getHostString().equals("192.0.2.66"))
                    .count();
            assertThat(strangers).isLessThan(100);
        }
        assertThat(ask(bobs, "Hello!")).isEqualTo("Hello!");
        assertThat(PeerConnection.of(bobs).restart().get(20, TimeUnit.SECONDS)).isNotNull();
    }

    /** Answers whatever check has come, by every password that it knows; whether an old one was of use. */
    private boolean isAnswered() throws Exception {
        boolean isAnswered = false;
        for (byte[] datagram : attacker.received()) {
            assertThat(Attacker.isStun(datagram))
                    .as("what comes to the attacker is STUN")
                    .isTrue();
            StunMessage message = StunMessage.decode(Unpooled.wrappedBuffer(datagram));
            isAnswered |= message.messageClass() == StunClass.SUCCESS;
            if (message.messageClass() == StunClass.REQUEST) {
                assertThat(message.find(StunAttribute.Username.class)
                                .orElseThrow()
                                .value())
                        .doesNotStartWith(alicesEar.credentials().usernameFragment() + ":")
                        .doesNotStartWith(bobsEar.credentials().usernameFragment() + ":");
                for (Ear ear : List.of(alicesEar, bobsEar)) {
                    byte[] answer = attacker.answer(message, ear.credentials().password());
                    attacker.send(answer, alices);
                    attacker.send(answer, bobs);
                }
            }
        }
        return isAnswered;
    }

    private void inject(Candidate candidate) {
        alicesEar.candidates.join().add(candidate);
        bobsEar.candidates.join().add(candidate);
    }

    private static Candidate candidate(InetSocketAddress address) {
        return new Candidate("hostile", Integer.MAX_VALUE, address, CandidateType.HOST, null);
    }

    private static InetSocketAddress remoteAddress(QuicChannel connection) throws Exception {
        IceHandler ice = connection.parent().pipeline().get(IceHandler.class);
        CandidatePair pair = connection
                .eventLoop()
                .submit(() -> ice.selectedPair().orElseThrow())
                .get(10, TimeUnit.SECONDS);
        return pair.remoteAddress();
    }
}
