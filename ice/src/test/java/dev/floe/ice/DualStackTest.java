package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DualStackTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -",
                "4a, 4a",
                "6a 6b, 6a 6b",
                "4a 6a, 6a 4a",
                "4a 4b 4c 6a, 6a 4a 4b 4c",
                "4a 6a 6b 6c, 6a 4a 6b 6c",
                "6a 6b 6c 4a 4b 4c, 6a 4a 6b 4b 6c 4c",
                "4a 4b 6a 6b 6c 6d 6e 6f, 6a 4a 6b 6c 6d 4b 6e 6f"
            })
    void neitherFamilyWaitsForTheOther(String found, String expected) {
        assertThat(DualStack.interleave(addresses(found))).isEqualTo(addresses(expected));
    }

    private static List<InetAddress> addresses(String words) {
        return words == null
                ? List.of()
                : Stream.of(words.split(" "))
                        .map(word -> word.charAt(0) == '4'
                                ? "192.0.2." + (word.charAt(1) - 'a')
                                : "2001:db8::" + word.charAt(1))
                        .map(DualStackTest::address)
                        .toList();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(literal));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
