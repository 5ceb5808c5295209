package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.floe.stun.StunAttribute.Priority;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StunHostileInputTest {
    private static final int ROUNDS = 50_000;
    private static final int[] TYPES = {
        0x0001, 0x0003, 0x0006, 0x0008, 0x0009, 0x000A, 0x0014, 0x0015, 0x001C, 0x001D, 0x001E, 0x0020, 0x0024, 0x0025,
        0x8002, 0x8003, 0x8022, 0x8023, 0x8028, 0x8029, 0x802A, 0x802B, 0x802C, 0xC001
    };

    private Random random;

    @BeforeEach
    void seed() {
        long seed = Long.getLong("floe.seed", new Random().nextLong());
        System.out.println("StunHostileInputTest: -Dfloe.seed=" + seed);
        random = new Random(seed);
    }

    @Test
    void randomBytesAreRefused() {
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(HostileInput.decodeAndUse(randomBytes(random.nextInt(200))))
                    .isEmpty();
        }
    }

    @Test
    void randomBytesUnderARightHeaderAreReadOrRefused() {
        for (int i = 0; i < ROUNDS; i++) {
            HostileInput.decodeAndUse(HostileInput.message(header(), randomBytes(4 * random.nextInt(40))));
        }
    }

    @Test
    void randomValuesOfKnownAttributesAreReadOrRefused() {
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            ByteBuf attributes = Unpooled.buffer();
            for (int n = random.nextInt(4); n >= 0; n--) {
                writeRandomAttribute(attributes);
            }
            byte[] bytes = Octets.copy(attributes.array(), 0, attributes.readableBytes());
            read += HostileInput.decodeAndUse(HostileInput.message(header(), bytes))
                            .isPresent()
                    ? 1
                    : 0;
        }
        assertThat(read).isBetween(ROUNDS / 100, ROUNDS - ROUNDS / 100);
    }

    @ParameterizedTest
    @EnumSource
    void truncatedMessageIsRefused(Vectors vector) {
        byte[] bytes = vector.bytes();
        for (int length = 0; length < bytes.length; length++) {
            assertThat(HostileInput.decodeAndUse(Octets.copy(bytes, 0, length))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void truncatedMessageUnderARightHeaderIsNotSigned(Vectors vector) {
        byte[] bytes = vector.bytes();
        for (int length = StunMessage.HEADER; length < bytes.length; length += 4) {
            byte[] truncated = HostileInput.message(Octets.copy(bytes, 0, length), new byte[0]);
            Optional<StunMessage> message = HostileInput.decodeAndUse(truncated);
            boolean onlyFingerprintIsMissing = length == bytes.length - 8 && bytes[length] == (byte) 0x80;

            assertThat(message.map(m -> m.isSignedBy(vector.key())).orElse(false))
                    .isEqualTo(onlyFingerprintIsMissing);
        }
    }

    @ParameterizedTest
    @EnumSource
    void changedByteNeverGoesUnnoticed(Vectors vector) {
        StunKey key = vector.key();
        byte[] bytes = vector.bytes();
        int covered = vector.decode().hasFingerprint() ? bytes.length - 8 : bytes.length;
        for (int at = 0; at < bytes.length; at++) {
            for (int change = 1; change <= 255; change++) {
                byte[] corrupted = bytes.clone();
                corrupted[at] ^= (byte) change;
                Optional<StunMessage> message = HostileInput.decodeAndUse(corrupted);
                if (message.isPresent()
                        && (message.get().hasValidFingerprint()
                                || (at < covered && message.get().isSignedBy(key)))) {
                    fail("byte " + at + " changed by " + change + " goes unnoticed");
                }
            }
        }
    }

    @Test
    void headerMustSayTheTruth() {
        byte[] lying = Vectors.REQUEST.bytes();
        Octets.putU16(lying, 2, 0xFFFC);
        byte[] unaligned = Arrays.copyOf(Vectors.REQUEST.bytes(), 109);
        Octets.putU16(unaligned, 2, 89);

        assertThat(HostileInput.refusal(lying)).isEqualTo("the header says 65552 bytes, there are 108");
        assertThat(HostileInput.refusal(unaligned)).isEqualTo("the header says 109 bytes, there are 109");
        assertThat(HostileInput.refusal(new byte[19])).isEqualTo("no STUN header in 19 bytes");
    }

    @Test
    void attributeMustNotLeaveTheMessage() {
        for (int length = 5; length <= 0xFFFF; length++) {
            byte[] lying = HostileInput.message(header(), new byte[] {(byte) 0x80, 0x03, 0, 0, 1, 2, 3, 4});
            Octets.putU16(lying, 22, length);

            assertThat(HostileInput.refusal(lying)).isEqualTo("the attribute at 20 is longer than the message");
        }
    }

    @Test
    void thousandsOfAttributesAreReadAndNotMore() {
        StunMessage.Builder builder = StunMessage.request(StunMethod.BINDING, TransactionId.random(random));
        for (int i = 0; i < 8_000; i++) {
            builder.add(new Priority(i));
        }
        Optional<StunMessage> message =
                HostileInput.decodeAndUse(builder.fingerprint().build().toByteArray());

        assertThat(message).hasValueSatisfying(m -> {
            assertThat(m.attributes()).hasSize(8_001);
            assertThat(m.hasValidFingerprint()).isTrue();
        });
    }

    @Test
    void decodingLeavesTheBufferAsItIs() throws StunDecodeException {
        ByteBuf buffer = Unpooled.buffer().writeZero(7).writeBytes(Vectors.REQUEST.bytes());
        buffer.skipBytes(7);

        assertThat(StunMessage.decode(buffer)).isEqualTo(Vectors.REQUEST.decode());
        assertThat(buffer.readerIndex()).isEqualTo(7);
        assertThat(buffer.refCnt()).isOne();
    }

    private void writeRandomAttribute(ByteBuf out) {
        int length = random.nextInt(40);
        out.writeShort(TYPES[random.nextInt(TYPES.length)]).writeShort(length);
        int value = out.writerIndex();
        out.writeBytes(randomBytes((length + 3) & ~3));
        if (length >= 4 && random.nextBoolean()) {
            // More often than by chance, what starts an address, an error or an algorithm.
            out.setShort(value, random.nextInt(3)).setShort(value + 2, random.nextInt(0x800));
        }
    }

    private byte[] header() {
        ByteBuf header = Unpooled.buffer(20, 20);
        header.writeShort(random.nextInt(0x4000))
                .writeShort(0)
                .writeInt(StunMessage.COOKIE)
                .writeBytes(randomBytes(12));
        return header.array();
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
