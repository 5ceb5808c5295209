package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.PasswordAlgorithms;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.UserHash;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.transaction.LongTermCredential;
import dev.floe.stun.transaction.LongTermCredential.Verdict;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8489, section 9.2. */
class LongTermCredentialTest {
    private static final Realm REALM = new Realm("example.org");
    private static final Nonce PLAIN = new Nonce("f//499k954d6OL34oL9FSTvy64sA");
    private static final Nonce ALGORITHMS = new Nonce("obMatJos2gAAAnonce");
    private static final Nonce ANONYMITY = new Nonce("obMatJos2AAACnonce");
    private static final PasswordAlgorithm UNKNOWN = new PasswordAlgorithm(77, OctetString.of());
    private static final PasswordAlgorithms BOTH =
            new PasswordAlgorithms(List.of(UNKNOWN, PasswordAlgorithm.SHA256, PasswordAlgorithm.MD5));

    private final Random random = new Random(1);
    private final LongTermCredential credential = new LongTermCredential("マトリックス", "TheMatrIX");

    @Test
    void firstRequestIsUnsigned() {
        assertThat(signed().attributes()).isEmpty();
    }

    @Test
    void challengeGivesThePublishedRequest() {
        assertThat(judge(signed(), 401, REALM, PLAIN)).isEqualTo(Verdict.RETRY);

        byte[] id = HexFormat.of().parseHex("78ad3433c6ad72c029da412e");
        StunMessage request = credential
                .sign(StunMessage.request(StunMethod.BINDING, TransactionId.of(id)))
                .build();
        assertThat(request).isEqualTo(Vectors.LONG_TERM_REQUEST.decode());
    }

    @Test
    void algorithmsAreEchoedAndTheFirstKnownIsTaken() {
        assertThat(judge(signed(), 401, REALM, ALGORITHMS, BOTH)).isEqualTo(Verdict.RETRY);

        StunMessage request = signed();
        assertThat(request.find(PasswordAlgorithms.class)).contains(BOTH);
        assertThat(request.find(PasswordAlgorithm.class)).contains(PasswordAlgorithm.SHA256);
        assertThat(request.has(MessageIntegrity.class)).isFalse();
        assertThat(request.has(MessageIntegritySha256.class)).isTrue();
        assertThat(request.isSignedBy(key(PasswordAlgorithm.SHA256))).isTrue();
        assertThat(request.find(Username.class)).contains(new Username("マトリックス"));
    }

    @Test
    void listOfUnknownAlgorithmsIsRefused() {
        assertThat(judge(signed(), 401, REALM, ALGORITHMS, new PasswordAlgorithms(List.of(UNKNOWN))))
                .isEqualTo(Verdict.REFUSE);
        assertThat(signed().attributes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"obMatJos2AAACnonce", "obMatJos2QAAAnonce", "obMatJos2AAAC"})
    void anonymityHidesTheUserName(String nonce) {
        assertThat(judge(signed(), 401, REALM, new Nonce(nonce))).isEqualTo(Verdict.RETRY);

        StunMessage request = signed();
        assertThat(request.find(UserHash.class)).contains(UserHash.of("マトリックス", "example.org"));
        assertThat(request.has(Username.class)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"obMatJos2", "obMatJos2AAA", "obMatJos2!!!!nonce", "obMatJos2AA==nonce", "obMatJosgAAA", ""})
    void nonceWithoutCookieSaysNothing(String nonce) {
        assertThat(judge(signed(), 401, REALM, new Nonce(nonce))).isEqualTo(Verdict.RETRY);
        assertThat(signed().has(Username.class)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"obMatJos2gAAAnonce", "obMatJos2AAABnonce"})
    void algorithmsThatWereTakenOutOnTheWayAreNoticed(String nonce) {
        StunMessage request = signed();

        assertThat(judge(request, 401, REALM, new Nonce(nonce))).isEqualTo(Verdict.REFUSE);
        assertThat(judge(request, 438, REALM, new Nonce(nonce))).isEqualTo(Verdict.REFUSE);
        assertThat(judge(request, 500, REALM, new Nonce(nonce))).isEqualTo(Verdict.DISCARD);
        assertThat(signed().attributes()).isEmpty();
    }

    @Test
    void laterChallengeWithoutAlgorithmsDoesNotWeakenTheRequest() {
        judge(signed(), 401, REALM, ALGORITHMS, BOTH);
        assertThat(judge(signed(), 438, REALM, PLAIN)).isEqualTo(Verdict.RETRY);

        assertThat(signed().find(Nonce.class)).contains(PLAIN);
        assertThat(signed().find(PasswordAlgorithm.class)).contains(PasswordAlgorithm.SHA256);
        assertThat(signed().has(MessageIntegrity.class)).isFalse();
    }

    @Test
    void staleNonceIsReplacedAsOftenAsTheServerSays() {
        judge(signed(), 401, REALM, PLAIN);
        for (int i = 0; i < 5; i++) {
            assertThat(judge(signed(), 438, REALM, new Nonce("nonce" + i))).isEqualTo(Verdict.RETRY);
            assertThat(signed().find(Nonce.class)).contains(new Nonce("nonce" + i));
        }
        assertThat(judge(signed(), 438, new Nonce("without a realm"))).isEqualTo(Verdict.RETRY);
        assertThat(signed().find(Realm.class)).contains(REALM);
    }

    @Test
    void secondRefusalOfTheSameCredentialsIsFinal() {
        judge(signed(), 401, REALM, PLAIN);

        assertThat(judge(signed(), 401, REALM, new Nonce("another"))).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 401, new Realm("example.net"), PLAIN)).isEqualTo(Verdict.RETRY);
        assertThat(signed().find(Realm.class)).contains(new Realm("example.net"));
    }

    @Test
    void challengeThatLacksSomethingIsRefused() {
        assertThat(judge(signed(), 401)).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 401, REALM)).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 401, PLAIN)).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 438, PLAIN)).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 401, new Realm(""), PLAIN)).isEqualTo(Verdict.REFUSE);
        assertThat(judge(signed(), 401, new Realm("a\u0000b"), PLAIN)).isEqualTo(Verdict.REFUSE);
    }

    @Test
    void answerToAnUnsignedRequestNeedsNoIntegrity() {
        StunMessage request = signed();

        assertThat(credential.judge(request, StunMessage.success(request).build()))
                .isEqualTo(Verdict.ACCEPT);
        assertThat(judge(request, 300)).isEqualTo(Verdict.ACCEPT);
        assertThat(judge(request, 400)).isEqualTo(Verdict.DISCARD);
    }

    @Test
    void answerToASignedRequestMustBeSigned() {
        judge(signed(), 401, REALM, PLAIN);
        StunMessage request = signed();
        StunKey key = key(PasswordAlgorithm.MD5);

        assertThat(credential.judge(request, StunMessage.success(request).build()))
                .isEqualTo(Verdict.DISCARD);
        assertThat(credential.judge(
                        request,
                        StunMessage.success(request)
                                .sign(StunKey.shortTerm("other"))
                                .build()))
                .isEqualTo(Verdict.DISCARD);
        assertThat(credential.judge(
                        request, StunMessage.success(request).sign(key).build()))
                .isEqualTo(Verdict.ACCEPT);
        assertThat(judge(request, 437)).isEqualTo(Verdict.DISCARD);
        assertThat(judge(request, 400)).isEqualTo(Verdict.DISCARD);
        assertThat(credential.judge(
                        request,
                        StunMessage.error(request, 400, "Bad Request").sign(key).build()))
                .isEqualTo(Verdict.ACCEPT);
    }

    @Test
    void answerToARequestWithSha256MustHaveItToo() {
        judge(signed(), 401, REALM, ALGORITHMS, BOTH);
        StunMessage request = signed();
        StunKey key = key(PasswordAlgorithm.SHA256);

        assertThat(credential.judge(
                        request, StunMessage.success(request).sign(key).build()))
                .isEqualTo(Verdict.DISCARD);
        assertThat(credential.judge(
                        request, StunMessage.success(request).signSha256(key).build()))
                .isEqualTo(Verdict.ACCEPT);
    }

    @Test
    void answerUnderAnEarlierRealmIsDiscarded() {
        judge(signed(), 401, REALM, ANONYMITY);
        StunMessage early = signed();
        judge(early, 438, new Realm("example.net"), PLAIN);

        assertThat(credential.judge(
                        early,
                        StunMessage.success(early)
                                .sign(key(PasswordAlgorithm.MD5))
                                .build()))
                .isEqualTo(Verdict.DISCARD);
    }

    @Test
    void credentialsThatMakeNoKeyAreRefusedAtOnce() {
        assertThatIllegalArgumentException().isThrownBy(() -> new LongTermCredential("", "secret"));
        assertThatIllegalArgumentException().isThrownBy(() -> new LongTermCredential("user", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new LongTermCredential("u".repeat(509), "secret"));
    }

    @Test
    void hostileChallengesNeverThrow() {
        for (int i = 0; i < 1000; i++) {
            byte[] value = new byte[random.nextInt(40)];
            random.nextBytes(value);
            Opaque anything = new Opaque(StunAttributeType.PASSWORD_ALGORITHMS, value);
            Nonce nonce = new Nonce(random.nextBoolean() ? ALGORITHMS.value() : "n" + i);
            assertThat(judge(signed(), random.nextBoolean() ? 401 : 438, REALM, nonce, anything))
                    .isNotNull();
        }
    }

    private StunMessage signed() {
        return credential
                .sign(StunMessage.request(StunMethod.BINDING, TransactionId.random(random)))
                .build();
    }

    private Verdict judge(StunMessage request, int error, StunAttribute... attributes) {
        StunMessage.Builder response = StunMessage.builder(StunClass.ERROR, request.method(), request.transactionId())
                .add(new ErrorCode(error, ""));
        for (StunAttribute attribute : attributes) {
            response.add(attribute);
        }
        return credential.judge(request, response.build());
    }

    private static StunKey key(PasswordAlgorithm algorithm) {
        return StunKey.longTerm("マトリックス", "example.org", "TheMatrIX", algorithm);
    }
}
