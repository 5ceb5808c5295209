package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On whatever network the machine has, loopback alone included. */
@Timeout(60)
class HostAddressesTest {

    private static final InetSocketAddress LOCAL_SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 3478);

    @Test
    void socketBoundToAnAddressAdvertisesThatOne() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();

        assertThat(HostAddresses.of(loopback, List.of(LOCAL_SERVER))).containsExactly(loopback);
    }

    @Test
    void wildcardSocketAdvertisesAddressesOfThisMachineThatOthersCanUse() throws Exception {
        List<InetAddress> addresses = HostAddresses.of(InetAddress.getByName("::"), List.of(LOCAL_SERVER));

        assertThat(addresses).isNotEmpty().doesNotHaveDuplicates();
        assertThat(addresses)
                .noneMatch(InetAddress::isAnyLocalAddress)
                .noneMatch(InetAddress::isLinkLocalAddress)
                .noneMatch(InetAddress::isMulticastAddress);
        for (InetAddress address : addresses) {
            try (DatagramSocket socket = new DatagramSocket(0, address)) {
                assertThat(socket.getLocalAddress()).isEqualTo(address);
            }
        }
    }

    @Test
    void loopbackIsAdvertisedOnlyWhereThereIsNothingElse() throws Exception {
        List<InetAddress> addresses = HostAddresses.of(InetAddress.getByName("::"), List.of());

        assertThat(addresses.stream().map(InetAddress::isLoopbackAddress).distinct())
                .hasSize(1);
    }

    @Test
    void ipv4SocketAdvertisesIpv4Alone() throws Exception {
        assertThat(HostAddresses.of(InetAddress.getByName("0.0.0.0"), List.of()))
                .isNotEmpty()
                .allMatch(address -> address instanceof Inet4Address);
    }

    @Test
    void machineWithoutIpv6AdvertisesIpv4() throws Exception {
        Process java = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Djava.net.preferIPv4Stack=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PrintAddresses.class.getName(),
                        "0.0.0.0")
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(output.strip().lines()).isNotEmpty().allMatch(line -> line.matches("[0-9.]+"));
    }

    /** A program of its own: whether Java has IPv6 is settled when it starts. */
    static final class PrintAddresses {
        public static void main(String[] args) throws Exception {
            HostAddresses.of(InetAddress.getByName(args[0]), List.of())
                    .forEach(address -> System.out.println(address.getHostAddress()));
        }
    }
}
