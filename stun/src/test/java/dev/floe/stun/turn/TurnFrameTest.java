package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.OctetString;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttribute.Data;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunAttributeType;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.stun.turn.TurnFrame.DataIndication;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8656, sections 11 and 12. */
class TurnFrameTest {
    private static final ByteBufAllocator ALLOC = ByteBufAllocator.DEFAULT;

    private final Random random = new Random(1);

    @ParameterizedTest
    @CsvSource({"203.0.113.1, 0", "203.0.113.1, 1", "203.0.113.1, 1200", "2001:db8::7, 3", "2001:db8::7, 1200"})
    void sendIndicationIsWhatStunMakesOfIt(String host, int length) throws Exception {
        byte[] data = new byte[length];
        random.nextBytes(data);
        InetSocketAddress peer = new InetSocketAddress(host, 4711);
        ByteBuf payload = Unpooled.wrappedBuffer(data);
        ByteBuf frame = TurnFrame.sendIndication(peer, payload, ALLOC);
        StunMessage message = StunMessage.decode(frame);
        frame.release();

        assertThat(payload.refCnt()).isOne();
        assertThat(payload.readableBytes()).isEqualTo(length);
        assertThat(message.is(StunClass.INDICATION, StunMethod.SEND)).isTrue();
        assertThat(message.attributes()).containsExactly(new XorPeerAddress(peer), new Data(OctetString.of(data)));
        // With 28 or 48 bytes for IP and UDP an Initial still fits into 1280.
        assertThat(message.length()).isLessThanOrEqualTo(length + 51);
    }

    @ParameterizedTest
    @CsvSource({"0, 40000000", "1, 40000001", "5, 40000005"})
    void channelDataIsPaddedOverTcpAlone(int length, String header) {
        ByteBuf data = Unpooled.wrappedBuffer(new byte[length]);
        ByteBuf plain = TurnFrame.channelData(0x4000, data, false, ALLOC);
        ByteBuf padded = TurnFrame.channelData(0x4000, data, true, ALLOC);

        assertThat(ByteBufUtil.hexDump(plain)).isEqualTo(header + "00".repeat(length));
        assertThat(ByteBufUtil.hexDump(padded)).isEqualTo(header + "00".repeat((length + 3) / 4 * 4));
        plain.release();
        padded.release();
    }

    @Test
    void dataIndicationIsReadWhereItLies() {
        InetSocketAddress peer = new InetSocketAddress("2001:db8::7", 9);
        ByteBuf frame = indication(
                new Software("any"), new XorPeerAddress(peer), new Data(OctetString.of((byte) 1, (byte) 2, (byte) 3)));
        DataIndication indication = TurnFrame.dataIndication(frame);

        assertThat(indication.peer()).isEqualTo(peer);
        assertThat(ByteBufUtil.hexDump(indication.data())).isEqualTo("010203");
        assertThat(indication.data().unwrap()).isNotNull();
    }

    @Test
    void dataIndicationThatLacksSomethingIsNone() {
        XorPeerAddress peer = new XorPeerAddress(new InetSocketAddress("203.0.113.1", 9));
        Data data = new Data(OctetString.of((byte) 1));

        assertThat(TurnFrame.dataIndication(indication(peer))).isNull();
        assertThat(TurnFrame.dataIndication(indication(data))).isNull();
        assertThat(TurnFrame.dataIndication(indication())).isNull();
        assertThat(TurnFrame.dataIndication(
                        indication(peer, data, new Opaque(StunAttributeType.of(0x7FFF), new byte[0]))))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // An attribute, and a message, that are longer than the datagram; an address of no family, and too
                // short.
                "0017000821 12a442000000000000000000000000 0013ffff01020304",
                "0017000921 12a442000000000000000000000000 0013000401020304",
                "0017001421 12a442000000000000000000000000 001200080003000001020304 0013000401020304",
                "0017001021 12a442000000000000000000000000 0012000400010000 0013000401020304"
            })
    void dataIndicationWithBadLengthsIsNone(String hex) {
        ByteBuf frame = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));

        assertThat(TurnFrame.dataIndication(frame)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"40000000, 16384", "4fff000101, 20479", "400000010102, 16384", "40000002ff, 0", "400000, 0", "40, 0"})
    void channelIsReadIfTheDataIsThere(String hex, int channel) {
        ByteBuf frame = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));

        assertThat(TurnFrame.isChannelData(frame)).isTrue();
        assertThat(TurnFrame.channel(frame)).isEqualTo(channel);
    }

    @Test
    void bytesFrom64To79AreChannelDataAndNoOthers() {
        for (int first = 0; first < 256; first++) {
            ByteBuf frame = Unpooled.wrappedBuffer(new byte[] {(byte) first, 0, 0, 0});
            assertThat(TurnFrame.isChannelData(frame)).isEqualTo(first >= 64 && first < 80);
        }
        assertThat(TurnFrame.isChannelData(Unpooled.EMPTY_BUFFER)).isFalse();
    }

    @Test
    void anyBytesAreReadWithoutHarm() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random any = new Random(seed);
            byte[] bytes = new byte[20 + any.nextInt(60)];
            any.nextBytes(bytes);
            bytes[0] = 0;
            bytes[1] = 0x17;
            bytes[2] = 0;
            bytes[3] = (byte) (bytes.length - 20);
            for (int at = 20; at + 8 < bytes.length; at += 8) {
                bytes[at] = 0;
                bytes[at + 1] = (byte) (0x12 + any.nextInt(2));
                bytes[at + 2] = 0;
            }
            DataIndication indication = TurnFrame.dataIndication(Unpooled.wrappedBuffer(bytes));
            assertThat(indication == null || indication.data().readableBytes() <= bytes.length)
                    .as("seed %d", seed)
                    .isTrue();
        }
    }

    private ByteBuf indication(StunAttribute... attributes) {
        StunMessage.Builder builder = StunMessage.indication(StunMethod.DATA, TransactionId.random(random));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        return Unpooled.wrappedBuffer(builder.build().toByteArray());
    }
}
