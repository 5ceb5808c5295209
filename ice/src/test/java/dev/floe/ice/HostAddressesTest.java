package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On whatever network the machine has, loopback alone included. */
@Timeout(60)
class HostAddressesTest {

    private static final InetSocketAddress LOCAL_SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 3478);

    private static final IceConfig CONFIG = IceConfig.of(IceRole.CONTROLLED, List.of());

    @Test
    void socketBoundToAnAddressAdvertisesThatOne() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();

        assertThat(HostAddresses.of(CONFIG, loopback, List.of(LOCAL_SERVER))).containsExactly(loopback);
    }

    @Test
    void wildcardSocketAdvertisesAddressesOfThisMachineThatOthersCanUse() throws Exception {
        List<InetAddress> addresses = HostAddresses.of(CONFIG, InetAddress.getByName("::"), List.of(LOCAL_SERVER));

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
        List<InetAddress> addresses = HostAddresses.of(CONFIG, InetAddress.getByName("::"), List.of());

        assertThat(addresses.stream().map(InetAddress::isLoopbackAddress).distinct())
                .hasSize(1);
    }

    @Test
    void ipv4SocketAdvertisesIpv4Alone() throws Exception {
        assertThat(HostAddresses.of(CONFIG, InetAddress.getByName("0.0.0.0"), List.of()))
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

    @Test
    void relayOnlySocketAdvertisesNothing() throws Exception {
        assertThat(addresses(IceConfig.builder(IceRole.CONTROLLED).addressPolicy(AddressPolicy.RELAY_ONLY)))
                .isEmpty();
    }

    @Test
    void allAdvertisesWhatTheDefaultRouteDoesAndMore() throws Exception {
        List<InetAddress> all = addresses(IceConfig.builder(IceRole.CONTROLLED).addressPolicy(AddressPolicy.ALL));

        assertThat(all)
                .containsAll(addresses(IceConfig.builder(IceRole.CONTROLLED)))
                .doesNotHaveDuplicates();
    }

    @Test
    void addressesAndInterfacesThatAreNotWantedAreLeftOut() throws Exception {
        List<InetAddress> all = addresses(IceConfig.builder(IceRole.CONTROLLED));
        InetAddress unwanted = all.get(0);
        NetworkInterface itsInterface = NetworkInterface.getByInetAddress(unwanted);

        assertThat(addresses(IceConfig.builder(IceRole.CONTROLLED).addressFilter(address -> !address.equals(unwanted))))
                .doesNotContain(unwanted);
        assertThat(addresses(IceConfig.builder(IceRole.CONTROLLED)
                        .interfaceFilter(candidate -> !candidate.equals(itsInterface))))
                .doesNotContain(unwanted);
        assertThat(addresses(IceConfig.builder(IceRole.CONTROLLED).addressFilter(address -> false)))
                .isEmpty();
    }

    @Test
    void boundAddressIsFilteredToo() throws Exception {
        IceConfig config = IceConfig.builder(IceRole.CONTROLLED)
                .addressFilter(address -> !address.isLoopbackAddress())
                .build();

        assertThat(HostAddresses.of(config, InetAddress.getLoopbackAddress(), List.of()))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.2, true",
        "10.1.2.3, true",
        "2001:db8::1, true",
        "fd00::1, true",
        "127.0.0.1, true",
        "::1, true",
        "fec0::1, false",
        "::192.0.2.1, false",
        "169.254.1.1, false",
        "fe80::1, false",
        "224.0.0.1, false",
        "ff02::1, false",
        "0.0.0.0, false",
        "::, false"
    })
    void deprecatedAndLinkLocalAddressesAreNoCandidates(String address, boolean isOne) throws Exception {
        assertThat(HostAddresses.isAdvertisable(InetAddress.getByName(address))).isEqualTo(isOne);
    }

    private static List<InetAddress> addresses(IceConfig.Builder config) throws Exception {
        return HostAddresses.of(config.build(), InetAddress.getByName("::"), List.of(LOCAL_SERVER));
    }

    /** A program of its own: whether Java has IPv6 is settled when it starts. */
    static final class PrintAddresses {
        public static void main(String[] args) throws Exception {
            HostAddresses.of(CONFIG, InetAddress.getByName(args[0]), List.of())
                    .forEach(address -> System.out.println(address.getHostAddress()));
        }
    }
}
