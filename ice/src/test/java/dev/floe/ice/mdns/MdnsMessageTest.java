package dev.floe.ice.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MdnsMessageTest {

    private static final String NAME = "2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.local";

    @Test
    void queryAsksForBothFamilies() {
        MdnsMessage query = readBack(MdnsMessage.query(NAME));

        assertThat(query.isResponse()).isFalse();
        assertThat(query.questions())
                .containsExactly(
                        new MdnsMessage.Question(NAME, DnsRecordType.A),
                        new MdnsMessage.Question(NAME, DnsRecordType.AAAA));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8::7"})
    void answerIsReadBack(String address) throws Exception {
        MdnsMessage answer = readBack(MdnsMessage.answer(NAME, address(address)));

        assertThat(answer.isResponse()).isTrue();
        assertThat(answer.answers()).containsExactly(new MdnsMessage.Answer(NAME, address(address), 120, true));
    }

    @Test
    void legacyAnswerRepeatsTheQuestionAndFlushesNoCache() throws Exception {
        MdnsMessage.Question question = new MdnsMessage.Question(NAME, DnsRecordType.A);
        MdnsMessage answer = readBack(MdnsMessage.legacyAnswer(4711, question, address("192.0.2.7")));

        assertThat(answer.id()).isEqualTo(4711);
        assertThat(answer.questions()).containsExactly(question);
        assertThat(answer.answers()).containsExactly(new MdnsMessage.Answer(NAME, address("192.0.2.7"), 10, false));
    }

    @Test
    void nameIsComparedInLowerCaseAndMayBePointedTo() throws Exception {
        // A response with the question A ABC.local and an answer whose name points to it.
        String hex = "000084000001000100000000" + "03414243056c6f63616c00" + "00010001" + "c00c" + "00018001"
                + "00000078" + "0004" + "c0000207";

        assertThat(decode(HexFormat.of().parseHex(hex)).orElseThrow().answers())
                .containsExactly(new MdnsMessage.Answer("abc.local", address("192.0.2.7"), 120, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0000",
                // a question is promised and does not come
                "000000000001000000000000",
                // sixty-five questions
                "000000000041000000000000",
                // a name that points to itself
                "000000000001000000000000c00c00010001",
                // an address of five bytes
                "000084000000000100000000056c6f63616c0000010001000000780005c000020700",
                // another opcode
                "000008000000000000000000"
            })
    void malformedMessageIsNone(String hex) {
        assertThat(decode(HexFormat.of().parseHex(hex))).isEmpty();
    }

    @Test
    void hostileMessagesThrowNothing() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> good = List.of(
                bytes(MdnsMessage.query(NAME)),
                bytes(MdnsMessage.answer(NAME, address("2001:db8::7"))),
                bytes(MdnsMessage.legacyAnswer(
                        1, new MdnsMessage.Question(NAME, DnsRecordType.A), address("192.0.2.7"))));
        for (int i = 0; i < 20_000; i++) {
            byte[] hostile = good.get(random.nextInt(good.size())).clone();
            for (int edits = random.nextInt(1, 8); edits > 0; edits--) {
                hostile[random.nextInt(hostile.length)] = (byte) random.nextInt();
            }
            decode(Arrays.copyOf(hostile, random.nextInt(hostile.length + 1)));
        }
    }

    private static MdnsMessage readBack(MdnsMessage message) {
        return decode(bytes(message)).orElseThrow();
    }

    private static byte[] bytes(MdnsMessage message) {
        ByteBuf encoded = message.encode();
        try {
            return ByteBufUtil.getBytes(encoded);
        } finally {
            encoded.release();
        }
    }

    private static Optional<MdnsMessage> decode(byte[] bytes) {
        ByteBuf datagram = Unpooled.copiedBuffer(new byte[3], bytes).skipBytes(3);
        try {
            return MdnsMessage.decode(datagram);
        } finally {
            assertThat(datagram.refCnt()).isOne();
            datagram.release();
        }
    }

    private static InetAddress address(String literal) throws Exception {
        return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(literal));
    }
}
