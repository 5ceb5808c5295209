package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.stun.StunAttribute.AlternateServer;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.Username;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8489, sections 6.3.4, 9.1, 9.2 and 10, as a client. */
class StunExchangeTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 3478);
    private static final Realm REALM = new Realm("example.org");
    private static final StunKey LONG_TERM = StunKey.longTerm("user", "example.org", "secret", PasswordAlgorithm.MD5);
    private static final StunKey SHORT_TERM = StunKey.shortTerm("secret");

    private final Random random = new Random(1);
    private final StunClientHandler client = new StunClientHandler(500, 3, 2, 10);
    private final EmbeddedChannel channel = new EmbeddedChannel(client);

    @Test
    void challengeIsMetAndTheNextRequestIsSignedAtOnce() {
        StunCredential credential = StunCredential.longTerm("user", "secret");
        Future<StunMessage> first = request(credential);
        StunMessage unsigned = sent().content();
        assertThat(unsigned.attributes()).isEmpty();
        receive(challenge(unsigned, 401, "one"));

        StunMessage signed = sent().content();
        assertThat(signed.transactionId()).isNotEqualTo(unsigned.transactionId());
        assertThat(signed.isSignedBy(LONG_TERM)).isTrue();
        receive(StunMessage.success(signed).sign(LONG_TERM).build());
        assertThat(first.isSuccess()).isTrue();

        Future<StunMessage> second = request(credential);
        StunMessage next = sent().content();
        assertThat(next.isSignedBy(LONG_TERM)).isTrue();
        receive(challenge(next, 438, "two"));
        StunMessage renewed = sent().content();
        assertThat(renewed.find(Nonce.class)).contains(new Nonce("two"));
        receive(StunMessage.success(renewed).sign(LONG_TERM).build());
        assertThat(second.isSuccess()).isTrue();
    }

    @Test
    void wrongPasswordEndsWithTheSecondRefusal() {
        Future<StunMessage> answer = request(StunCredential.longTerm("user", "secret"));
        receive(challenge(sent().content(), 401, "one"));
        receive(challenge(sent().content(), 401, "two"));

        assertThat(error(answer)).isEqualTo(401);
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void serverWhoseNoncesAreAlwaysStaleIsGivenUp() {
        Future<StunMessage> answer = request(StunCredential.longTerm("user", "secret"));
        receive(challenge(sent().content(), 401, "0"));
        int requests = 1;
        for (StunDatagram next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            receive(challenge(next.content(), 438, "n" + requests++));
        }

        assertThat(requests).isEqualTo(5);
        assertThat(error(answer)).isEqualTo(438);
    }

    @Test
    void forgedAnswerIsAsIfItHadNeverCome() {
        Future<StunMessage> answer = request(StunCredential.shortTerm("user", "secret"));
        StunMessage request = sent().content();
        receive(StunMessage.success(request).build());
        receive(StunMessage.error(request, 400, "").build());
        receive(StunMessage.success(request).sign(StunKey.shortTerm("guess")).build());
        assertThat(answer.isDone()).isFalse();
        receive(StunMessage.success(request).sign(SHORT_TERM).build());

        assertThat(answer.isSuccess()).isTrue();
    }

    @Test
    void nothingButForgedAnswersIsAViolationOfIntegrity() {
        channel.freezeTime();
        Future<StunMessage> answer = request(StunCredential.shortTerm("user", "secret"));
        receive(StunMessage.success(sent().content()).build());
        advance(10_000);

        assertThat(answer.cause())
                .isInstanceOf(StunIntegrityException.class)
                .hasMessage("none of 1 answers from /192.0.2.2:3478 was signed as it must be");
    }

    @Test
    void shortTermRequestHasBothIntegritiesUntilTheServerHasChosen() {
        StunCredential credential = StunCredential.shortTerm("user", "secret");
        assertThat(request(credential).isDone()).isFalse();
        StunMessage first = sent().content();
        assertThat(first.find(Username.class)).contains(new Username("user"));
        assertThat(first.has(MessageIntegrity.class)).isTrue();
        assertThat(first.has(MessageIntegritySha256.class)).isTrue();
        receive(StunMessage.success(first).signSha256(SHORT_TERM).build());

        Future<StunMessage> second = request(credential);
        StunMessage next = sent().content();
        assertThat(next.has(MessageIntegrity.class)).isFalse();
        receive(StunMessage.success(next).sign(SHORT_TERM).build());
        assertThat(second.isDone()).isFalse();
    }

    @Test
    void redirectionLeadsToTheFirstServerOfTheSameFamily() {
        InetSocketAddress other = new InetSocketAddress("192.0.2.3", 3479);
        Future<StunMessage> answer = request(StunCredential.none());
        receive(redirection(sent().content(), new InetSocketAddress("2001:db8::1", 1), other));

        StunDatagram next = sent();
        assertThat(next.recipient()).isEqualTo(other);
        receive(StunMessage.success(next.content()).build());
        assertThat(answer.isSuccess()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.2, 3478", "2001:db8::1, 1", "0.0.0.0, 1", "224.0.0.1, 1", "192.0.2.3, 0"})
    void redirectionInACircleOrToNobodyIsNotFollowed(String address, int port) {
        Future<StunMessage> answer = request(StunCredential.none());
        receive(redirection(sent().content(), new InetSocketAddress(address, port)));

        assertThat(error(answer)).isEqualTo(300);
    }

    @Test
    void redirectionsHaveAnEnd() {
        Future<StunMessage> answer = request(StunCredential.none());
        int servers = 0;
        for (StunDatagram next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            receive(redirection(next.content(), new InetSocketAddress("192.0.2.100", ++servers)));
        }

        assertThat(servers).isEqualTo(4);
        assertThat(error(answer)).isEqualTo(300);
    }

    @Test
    void serverInTroubleIsAskedAgainFourTimes() {
        channel.freezeTime();
        Future<StunMessage> answer = request(StunCredential.none());
        int requests = 0;
        for (int millis = 0; millis < 20_000; millis += 100) {
            for (StunDatagram next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
                requests++;
                receive(StunMessage.error(next.content(), 500, "Server Error").build());
            }
            advance(100);
        }

        assertThat(requests).isEqualTo(5);
        assertThat(error(answer)).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 420, 487, 600})
    void otherErrorsAreTheAnswer(int code) {
        Future<StunMessage> answer = request(StunCredential.none());
        receive(StunMessage.error(sent().content(), code, "").build());

        assertThat(error(answer)).isEqualTo(code);
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void cancelledRequestIsNotRepeated() {
        channel.freezeTime();
        Future<StunMessage> answer = request(StunCredential.none());
        receive(StunMessage.error(sent().content(), 500, "").build());
        assertThat(answer.cancel(false)).isTrue();
        advance(10_000);

        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void requestThatIsAlreadySignedIsRefused() {
        StunMessage signed = StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .sign(SHORT_TERM)
                .build();

        assertThatIllegalArgumentException().isThrownBy(() -> client.request(signed, SERVER));
    }

    private Future<StunMessage> request(StunCredential credential) {
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .build();
        return client.request(request, SERVER, credential);
    }

    private StunDatagram sent() {
        return channel.readOutbound();
    }

    private void receive(StunMessage message) {
        channel.writeInbound(new StunDatagram(message, LOCAL, SERVER));
    }

    private void advance(long millis) {
        for (long passed = 0; passed < millis; passed += 100) {
            channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private static StunMessage challenge(StunMessage request, int code, String nonce) {
        return StunMessage.error(request, code, "")
                .add(REALM)
                .add(new Nonce(nonce))
                .build();
    }

    private static StunMessage redirection(StunMessage request, InetSocketAddress... servers) {
        StunMessage.Builder response = StunMessage.error(request, 300, "Try Alternate");
        for (InetSocketAddress server : servers) {
            response.add(new AlternateServer(server));
        }
        return response.build();
    }

    private static int error(Future<StunMessage> answer) {
        return answer.getNow().find(ErrorCode.class).orElseThrow().code();
    }
}
