package dev.floe.signaling.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.SignalMessage.PeerJoined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalMessage.ServerError;
import dev.floe.signaling.SignalingException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalJsonTest {

    static Stream<SignalMessage> everyMessage() {
        return Stream.of(
                new Description("user", "password", "ab".repeat(32), List.of("renomination", "ice-pacing:5")),
                new Description("user", "pass\"word\n\u2028ö", null, List.of()),
                new Description("user", "password", null, List.of(), "proof"),
                new Pake("AQID"),
                new HolePunch("user", "AQID"),
                new CandidateLine("1 1 udp 2130706431 192.0.2.1 5000 typ host"),
                new EndOfCandidates(),
                new Bye(),
                new Joined(1),
                new Joined(0, "token", 7),
                new PeerJoined(),
                new PeerLeft(),
                new ServerError("room-full", "two peers are in the room already"));
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void whatIsWrittenIsReadAgain(SignalMessage message) throws Exception {
        String json = SignalJson.write(message);

        assertThat(json).startsWith("{\"type\":\"").doesNotContain("null");
        assertThat(SignalJson.read(json)).contains(message);
    }

    @Test
    void messagesLookAsTheContractSays() {
        assertThat(SignalJson.write(new Description("u", "p", "f", List.of("a", "b"))))
                .isEqualTo("{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"fingerprint\":\"f\","
                        + "\"options\":[\"a\",\"b\"]}");
        assertThat(SignalJson.write(new CandidateLine("c"))).isEqualTo("{\"type\":\"candidate\",\"candidate\":\"c\"}");
        assertThat(SignalJson.write(new Description("u", "p", null, List.of(), "x")))
                .isEqualTo("{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"options\":[],"
                        + "\"proof\":\"x\"}");
        assertThat(SignalJson.write(new Pake("AQID"))).isEqualTo("{\"type\":\"pake\",\"payload\":\"AQID\"}");
        assertThat(SignalJson.write(new HolePunch("u", "AQID")))
                .isEqualTo("{\"type\":\"hole-punch\",\"username\":\"u\",\"payload\":\"AQID\"}");
        assertThat(SignalJson.write(new EndOfCandidates())).isEqualTo("{\"type\":\"end-of-candidates\"}");
        assertThat(SignalJson.write(new ServerError("c", "m")))
                .isEqualTo("{\"type\":\"error\",\"code\":\"c\",\"message\":\"m\"}");
    }

    @Test
    void numberIsPutIntoAMessageAndFoundInIt() throws Exception {
        String json = SignalJson.numbered("{\"type\":\"candidate\",\"candidate\":\"}\"} \n", 7);

        assertThat(json).isEqualTo("{\"type\":\"candidate\",\"candidate\":\"}\",\"seq\":7}");
        assertThat(SignalJson.readNumbered(json)).isEqualTo(new SignalJson.Numbered(7, new CandidateLine("}")));
        assertThat(SignalJson.readNumbered("{\"type\":\"bye\"}").sequence()).isZero();
    }

    @Test
    void tokenIsNotInTheStringForm() {
        assertThat(new Joined(1, "secret", 0).toString()).doesNotContain("secret");
    }

    @Test
    void fieldsThatAreNotKnownAreIgnoredAndOptionalOnesMayLack() throws Exception {
        String json = "{\"more\":{\"a\":[1,2]},\"type\":\"description\",\"username\":\"u\",\"password\":\"p\"}";

        assertThat(SignalJson.read(json)).contains(new Description("u", "p", null, List.of()));
    }

    @Test
    void typeThatIsNotKnownIsNothing() throws Exception {
        assertThat(SignalJson.read("{\"type\":\"restart\"}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "{",
                "[]",
                "null",
                "42",
                "\"bye\"",
                "{}",
                "{\"type\":1}",
                "{\"type\":null}",
                "{\"type\":\"bye\"} {\"type\":\"bye\"}",
                "{\"type\":\"bye\",\"type\":\"error\"}",
                "{\"type\":\"candidate\"}",
                "{\"type\":\"candidate\",\"candidate\":[]}",
                "{\"type\":\"description\",\"username\":\"u\"}",
                "{\"type\":\"description\",\"username\":\"u\",\"password\":3}",
                "{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"options\":\"o\"}",
                "{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"options\":[1]}",
                "{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"options\":{\"a\":\"b\"}}",
                "{\"type\":\"description\",\"username\":\"u\",\"password\":\"p\",\"fingerprint\":7}",
                "{\"type\":\"error\",\"code\":\"c\"}",
                "{\"type\":\"hole-punch\",\"payload\":\"AQID\"}",
                "{\"type\":\"hole-punch\",\"username\":\"u\",\"payload\":[]}",
                "{\"type\":\"bye\",\"seq\":0}",
                "{\"type\":\"bye\",\"seq\":-1}",
                "{\"type\":\"bye\",\"seq\":0.5}",
                "{\"type\":\"bye\",\"seq\":\"one\"}",
                "{\"type\":\"bye\",\"seq\":null}",
                "{\"type\":\"bye\",\"seq\":[]}",
                "{\"type\":\"bye\",\"n\":123456789012345678901234567890123456789012345678901234567890}",
            })
    void whatMakesNoSenseIsRefusedInOneLine(String json) {
        assertThatThrownBy(() -> SignalJson.read(json))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo(SignalingException.BAD_MESSAGE))
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @Test
    void deepJsonIsRefused() {
        String deep = "{\"type\":\"bye\",\"a\":" + "[".repeat(30_000) + "]".repeat(30_000) + "}";

        assertThatThrownBy(() -> SignalJson.read(deep)).isInstanceOf(SignalingException.class);
    }

    @Test
    void randomlyMangledMessagesAreReadOrRefusedButNeverThrowAnythingElse() {
        long seed = System.nanoTime();
        System.out.println("SignalJsonTest seed " + seed);
        Random random = new Random(seed);
        List<String> messages = everyMessage().map(SignalJson::write).toList();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder json = new StringBuilder(messages.get(random.nextInt(messages.size())));
            for (int edits = random.nextInt(4); edits >= 0; edits--) {
                int at = random.nextInt(json.length());
                json.setCharAt(at, (char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000)));
            }
            try {
                SignalJson.read(json.toString());
                RelayJson.read(json.toString());
            } catch (SignalingException e) {
                assertThat(e.code()).isEqualTo(SignalingException.BAD_MESSAGE);
            }
        }
    }

    @Test
    void passwordIsNotInTheStringForm() {
        assertThat(new Description("user", "secret", null, List.of()).toString())
                .doesNotContain("secret");
    }
}
