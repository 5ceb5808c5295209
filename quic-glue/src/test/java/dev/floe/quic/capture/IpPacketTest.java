package dev.floe.quic.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpPacketTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 198.51.100.2, 0",
        "192.0.2.1, 198.51.100.2, 1",
        "192.0.2.1, 198.51.100.2, 1200",
        "255.255.255.255, 255.255.255.255, 65507",
        "2001:db8::1, fd00::2, 0",
        "2001:db8::1, fd00::2, 1201",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 65507"
    })
    void checksumsAreThoseOfTheStandards(String source, String destination, int length) {
        long seed = 20_261_122;
        System.out.println("seed " + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 8; i++) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            ByteBuffer packet = ByteBuffer.wrap(IpPacket.of(
                    new InetSocketAddress(source, random.nextInt(1 << 16)),
                    new InetSocketAddress(destination, random.nextInt(1 << 16)),
                    ByteBuffer.wrap(payload)));
            boolean isIpv4 = packet.get(0) == 0x45;
            int udp = isIpv4 ? 20 : 40;

            if (isIpv4) {
                assertThat(onesComplementSum(packet.slice(0, udp), 0)).isEqualTo(0xFFFF);
            }
            int addresses = isIpv4 ? 8 : 32;
            assertThat(packet.getShort(udp + 6)).isNotZero();
            assertThat(onesComplementSum(
                            packet.slice(udp - addresses, packet.capacity() - udp + addresses), 17 + 8 + length))
                    .isEqualTo(0xFFFF);
        }
    }

    /** As RFC 1071 §1 has it: over what is covered, checksum included, all bits are one. */
    private static int onesComplementSum(ByteBuffer covered, long start) {
        long sum = start;
        while (covered.hasRemaining()) {
            sum += (covered.get() & 0xFF) << 8;
            sum += covered.hasRemaining() ? covered.get() & 0xFF : 0;
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return (int) sum;
    }
}
