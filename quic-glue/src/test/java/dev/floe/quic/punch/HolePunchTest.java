package dev.floe.quic.punch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The hexadecimal below was worked out by hand: from DCUtR's schema and protobuf's encoding (tag = field × 8 + wire type),
 * and from multiaddr's table of codes (ip4 4, ip6 41, udp 273 = 91 02, quic-v1 461 = cd 03).
 */
class HolePunchTest {

    private static final InetSocketAddress IPV4 = new InetSocketAddress("192.0.2.1", 4001);
    private static final InetSocketAddress IPV6 = new InetSocketAddress("2001:db8::1", 443);

    private static final String IPV4_ADDRESS = "04 c0000201 9102 0fa1 cd03";
    private static final String IPV6_ADDRESS = "29 20010db8000000000000000000000001 9102 01bb cd03";
    private static final String CONNECT = "28 08 64 12 0b " + IPV4_ADDRESS + " 12 17 " + IPV6_ADDRESS;
    private static final String SYNC = "03 08 ac02";

    @Test
    void messagesAreWrittenAsLibp2pHasThem() {
        assertThat(HolePunch.of(HolePunch.Type.CONNECT, List.of(IPV4, IPV6)).toBytes())
                .isEqualTo(bytes(CONNECT));
        assertThat(HolePunch.of(HolePunch.Type.SYNC, List.of()).toBytes()).isEqualTo(bytes(SYNC));
    }

    @Test
    void messagesAreRead() {
        assertThat(parse(CONNECT)).contains(new HolePunch(HolePunch.Type.CONNECT, List.of(IPV4, IPV6), 0));
        assertThat(parse(SYNC)).contains(new HolePunch(HolePunch.Type.SYNC, List.of(), 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the fields the other way round
                "0f 12 0b 04 c0000201 9102 0fa1 cd03 08 64",
                // field 3, a number; field 4 of 64 bits; field 5 of 32 bits; field 6, text; a group as field 7 with
                // field 1 in it
                "28 18 7f 21 0102030405060708 2d 01020304 32 02 6869 3b 08 ac02 3c 08 64 12 0b 04 c0000201 9102 0fa1 cd03",
                // the type twice, of which the last counts; a type that is not known, which counts as no field
                "14 08 ac02 08 64 08 07 12 0b 04 c0000201 9102 0fa1 cd03",
                // a type and an address of the wrong wire type are fields that are not known
                "13 08 64 0a 00 10 05 12 0b 04 c0000201 9102 0fa1 cd03",
            })
    void whatProtobufLetsOthersDoIsPassedOver(String hex) {
        assertThat(parse(hex)).contains(new HolePunch(HolePunch.Type.CONNECT, List.of(IPV4), 0));
    }

    @Test
    void lengthOfMoreThanOneByteIsReadAndWritten() {
        String unknown = "1a c801" + " 00".repeat(200);
        assertThat(parse("cd01 08 64 " + unknown)).contains(new HolePunch(HolePunch.Type.CONNECT, List.of(), 0));
        byte[] longest = HolePunch.of(HolePunch.Type.CONNECT, Collections.nCopies(8, IPV6))
                .toBytes();
        // 2 + 8 × (2 + 23) = 202 = ca 01
        assertThat(longest).startsWith(bytes("ca01 08 64 12 17")).hasSize(2 + 202);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "11 04 c0000201",
                // /ip4/192.0.2.1/tcp/4001
                "04 c0000201 06 0fa1",
                // /ip4/192.0.2.1/udp/4001/quic, the draft's
                "04 c0000201 9102 0fa1 cc03",
                // /ip4/192.0.2.1/udp/4001, nothing over it
                "04 c0000201 9102 0fa1",
                // …/quic-v1/p2p-circuit
                "04 c0000201 9102 0fa1 cd03 a202",
                // /dns4/ab/udp/4001/quic-v1
                "36 02 6162 9102 0fa1 cd03",
                // port 0
                "04 c0000201 9102 0000 cd03",
                // 0.0.0.0, a group, everybody, all of the reserved block
                "04 00000000 9102 0fa1 cd03",
                "04 e0000001 9102 0fa1 cd03",
                "04 ffffffff 9102 0fa1 cd03",
                "04 f0000001 9102 0fa1 cd03",
                // fe80::1 without an interface, ff02::1
                "29 fe800000000000000000000000000001 9102 01bb cd03",
                "29 ff020000000000000000000000000001 9102 01bb cd03",
                "29 2001",
                "ffffffffffffffffffff01",
                ""
            })
    void addressThatNoHostIsDialledAtIsSkippedAndCounted(String multiaddr) {
        int length = bytes(multiaddr).length;
        String hex = "%02x 08 64 12 %02x %s 12 0b %s".formatted(2 + 2 + length + 13, length, multiaddr, IPV4_ADDRESS);
        assertThat(parse(hex)).contains(new HolePunch(HolePunch.Type.CONNECT, List.of(IPV4), 1));
    }

    @Test
    void moreAddressesThanOneSideDialsAreCountedAndSoIsNoneTwice() {
        StringBuilder hex = new StringBuilder("08 64");
        for (int i = 0; i < 300; i++) {
            hex.append(" 12 0b 04 c00002%02x 9102 0fa1 cd03".formatted(i % 200 + 1));
        }
        byte[] body = bytes(hex.toString());
        assertThat(body).hasSize(3902);
        HolePunch read = parse("be1e " + hex).orElseThrow();
        assertThat(read.addresses()).hasSize(HolePunch.MAX_ADDRESSES).doesNotHaveDuplicates();
        assertThat(read.skipped()).isEqualTo(300 - HolePunch.MAX_ADDRESSES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                // a length that is not there, too small, too large, never ends
                "04 08 ac02",
                "02 08 ac02",
                "ffffffffffffffffff7f 08 64",
                "8080808080808080808001",
                // no type, and one that is not known
                "0d 12 0b 04 c0000201 9102 0fa1 cd03",
                "02 08 65",
                // a varint, a field, a group cut off; a length beyond the end and one that is negative
                "01 08",
                "02 08 e4",
                "03 08 64 12",
                "05 08 64 12 0b 04",
                "0d 08 64 12 ffffffffffffffffff01",
                "04 08 64 21 00",
                "04 08 64 2d 00",
                "03 08 64 3b",
                // the end of a group that has not begun, field 0, wire types 6 and 7
                "03 08 64 3c",
                "04 08 64 00 00",
                "03 08 64 1e",
                "03 08 64 1f"
            })
    void whatIsMalformedIsNothing(String hex) {
        assertThat(parse(hex)).isEmpty();
    }

    @Test
    void messageOfFourKibibytesIsReadAndALongerOneIsNot() {
        // 08 64, then field 3 of 4091 or 4092 bytes: 4096 = 80 20, 4097 = 81 20
        assertThat(parse("8020 08 64 1a fb1f" + " 00".repeat(4091))).isPresent();
        assertThat(parse("8120 08 64 1a fc1f" + " 00".repeat(4092))).isEmpty();
    }

    @Test
    void randomlyMangledMessagesNeverThrow() {
        long seed = System.nanoTime();
        System.out.println("HolePunchTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] message = bytes(CONNECT);
            for (int edits = random.nextInt(5); edits >= 0; edits--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            Optional<HolePunch> read = HolePunch.parse(ByteBuffer.wrap(message, 0, 1 + random.nextInt(message.length)));
            assertThat(read.map(HolePunch::addresses).orElse(List.of())).hasSizeLessThanOrEqualTo(3);
        }
    }

    private static Optional<HolePunch> parse(String hex) {
        return HolePunch.parse(ByteBuffer.wrap(bytes(hex)));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
