package dev.floe.signaling.pake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.pake.PakeMessage.Acceptance;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeMessage.Reason;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import dev.floe.signaling.pake.PakeMessage.SecondPass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PakeCodecTest {

    private final FirstPass first =
            PakeRun.open(new PakeSecret(PakeRole.INITIATOR, "words", "room")).first();

    @Test
    void everyMessageIsReadAsItWasWritten() throws Exception {
        PakeRun responder = PakeRun.answer(new PakeSecret(PakeRole.RESPONDER, "words", "room"), first);
        List<PakeMessage> messages = new ArrayList<>(List.of(
                first,
                responder.second(),
                new PakeMessage.ThirdPass(
                        first.from(), responder.id(), responder.second().round2()),
                new Acceptance(first.from(), responder.id())));
        for (Reason reason : Reason.values()) {
            messages.add(new Refusal(first.from(), PakeId.ANYBODY, reason));
        }
        for (PakeMessage message : messages) {
            assertThat(PakeCodec.read(PakeCodec.write(message))).isEqualTo(message);
        }
    }

    @Test
    void messagesHaveTheSizesThatTheDocumentSays() throws Exception {
        SecondPass second = PakeRun.answer(new PakeSecret(PakeRole.RESPONDER, "words", "room"), first)
                .second();

        assertThat(PakeCodec.write(first)).hasSize(2156);
        assertThat(PakeCodec.write(second)).hasSize(3244);
        assertThat(PakeCodec.write(new PakeMessage.ThirdPass(first.from(), second.from(), second.round2())))
                .hasSize(1111);
        assertThat(PakeCodec.write(new Acceptance(first.from(), second.from()))).hasSize(44);
        assertThat(PakeCodec.write(new Refusal(first.from(), second.from(), Reason.WRONG_CODE)))
                .hasSize(46);
    }

    @Test
    void anyOtherLengthIsRefused() {
        byte[] bytes = Base64.getUrlDecoder().decode(PakeCodec.write(first));
        for (int length : new int[] {0, 1, 16, 17, bytes.length - 32, bytes.length - 1, bytes.length + 1, 1 << 16}) {
            byte[] other = Arrays.copyOf(bytes, length);
            assertRefused(Base64.getUrlEncoder().withoutPadding().encodeToString(other));
        }
        assertRefused("not base64!");
    }

    @Test
    void rubbishIsRefusedAndNothingElseHappens() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] rubbish = new byte[random.nextInt(64)];
            random.nextBytes(rubbish);
            if (rubbish.length > 0) {
                rubbish[0] = (byte) random.nextInt(7);
            }
            String text = Base64.getUrlEncoder().encodeToString(rubbish);
            try {
                assertThat(PakeCodec.read(text)).isInstanceOfAny(Acceptance.class, Refusal.class);
            } catch (SignalingException e) {
                assertThat(e.code()).isEqualTo(SignalingException.BAD_MESSAGE);
            }
        }
    }

    private static void assertRefused(String text) {
        assertThatThrownBy(() -> PakeCodec.read(text))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo(SignalingException.BAD_MESSAGE));
    }
}
