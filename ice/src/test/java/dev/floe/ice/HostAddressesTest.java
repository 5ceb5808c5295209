package dev.floe.ice;

import static dev.floe.ice.FakeNetwork.address;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On whatever network the machine has, loopback alone included. */
@Timeout(60)
class HostAddressesTest {

    private static final InetSocketAddress LOCAL_SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 3478);

    private static final IceConfig CONFIG = IceConfig.of(IceRole.CONTROLLED, List.of());

    private static final IceConfig ALL = IceConfig.builder(IceRole.CONTROLLED)
            .addressPolicy(AddressPolicy.ALL)
            .build();

    @Test
    void socketBoundToAnAddressAdvertisesThatOne() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();

        assertThat(addresses(CONFIG, loopback)).containsExactly(loopback);
    }

    @Test
    void wildcardSocketAdvertisesAddressesOfThisMachineThatOthersCanUse() throws Exception {
        Set<InetAddress> addresses = addresses(CONFIG, InetAddress.getByName("::"));

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
        Set<InetAddress> addresses = addresses(CONFIG, InetAddress.getByName("::"));

        assertThat(addresses.stream().map(InetAddress::isLoopbackAddress).distinct())
                .hasSize(1);
    }

    @Test
    void ipv4SocketAdvertisesIpv4Alone() throws Exception {
        assertThat(addresses(CONFIG, InetAddress.getByName("0.0.0.0")))
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
    void allAdvertisesWhatTheDefaultRouteDoesAndMore() throws Exception {
        HostAddresses all = find(
                IceConfig.builder(IceRole.CONTROLLED)
                        .addressPolicy(AddressPolicy.ALL)
                        .build(),
                InetAddress.getByName("::"));

        assertThat(all.main()).isEqualTo(addresses(IceConfig.builder(IceRole.CONTROLLED)));
        assertThat(all.others()).doesNotContainAnyElementsOf(all.main());
    }

    @Test
    void addressesAndInterfacesThatAreNotWantedAreLeftOut() throws Exception {
        InetAddress unwanted =
                addresses(IceConfig.builder(IceRole.CONTROLLED)).iterator().next();
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

        assertThat(addresses(config, InetAddress.getLoopbackAddress())).isEmpty();
    }

    @Test
    void interfaceThatTheDefaultRouteDoesNotUseNeedsASocketOfItsOwn() {
        HostAddresses found = all(FakeNetwork.of("10.1.0.5", "fd01::5", "10.2.0.5", "fd02::5"));

        assertThat(found.main()).containsExactly(address("fd01::5"), address("10.1.0.5"));
        assertThat(found.others()).containsExactly(address("fd02::5"), address("10.2.0.5"));
        assertThat(found.routed()).containsExactlyElementsOf(found.main());
    }

    @Test
    void defaultRoutePolicyHasNoOtherSockets() {
        FakeNetwork network = FakeNetwork.of("10.1.0.5", "10.2.0.5");

        assertThat(find(CONFIG, network, Set.of()).main()).containsExactly(address("10.1.0.5"));
        assertThat(find(CONFIG, network, Set.of()).others()).isEmpty();
    }

    @Test
    void withoutADefaultRouteEachLocalNetworkIsUsedByTheOneSocket() {
        HostAddresses found = all(FakeNetwork.of("(10.1.0.5)", "10.2.0.5"));

        assertThat(found.main()).containsExactly(address("10.1.0.5"), address("10.2.0.5"));
        assertThat(found.others()).isEmpty();
        assertThat(found.routed()).isEmpty();
    }

    @Test
    void socketIsKeptWhileItsAddressIsThereWhateverTheSystemPrefers() {
        Set<InetAddress> open = Set.of(address("fd02::5"));

        FakeNetwork rotated = FakeNetwork.of("fd01::5", "fd02::6", "fd02::5");
        assertThat(find(ALL, rotated, Set.of()).others()).containsExactly(address("fd02::6"));
        assertThat(find(ALL, rotated, open).others()).containsExactly(address("fd02::5"));
        FakeNetwork promoted = FakeNetwork.of("fd02::5", "fd01::5");
        assertThat(find(ALL, promoted, open).main()).containsExactly(address("fd02::5"));
        assertThat(find(ALL, promoted, open).others()).containsExactly(address("fd02::5"), address("fd01::5"));
        FakeNetwork gone = FakeNetwork.of("fd01::5", "fd02::6");
        assertThat(find(ALL, gone, open).others()).containsExactly(address("fd02::6"));
    }

    @Test
    void machineFullOfBridgesOpensAFewSockets() {
        String[] bridges =
                IntStream.range(0, 100).mapToObj(i -> "10." + i + ".0.1").toArray(String[]::new);

        assertThat(all(FakeNetwork.of(bridges)).others()).hasSize(HostAddresses.MAX_OTHERS);
    }

    @Test
    void moveIsAnotherSourceAndNotAnAddressMore() {
        HostAddresses before = all(FakeNetwork.of("10.1.0.5", "10.2.0.5"));

        assertThat(movedSince(before, "10.1.0.5", "10.2.0.5", "172.17.0.1", "fd01::5"))
                .isEmpty();
        assertThat(movedSince(before, "10.1.0.5")).isEmpty();
        assertThat(movedSince(before, "10.2.0.5", "10.1.0.5")).containsExactly(Inet4Address.class);
        assertThat(movedSince(before, "10.2.0.5", "fd01::5")).containsExactly(Inet4Address.class);
        assertThat(movedSince(before, "fd01::5")).containsExactly(Inet4Address.class);
        assertThat(movedSince(before, "(10.1.0.5)", "10.2.0.5"))
                .as("the route has gone, the address has not")
                .containsExactly(Inet4Address.class);
        assertThat(movedSince(all(FakeNetwork.of("(10.1.0.5)")), "10.1.0.5"))
                .as("the route has come after the address")
                .containsExactly(Inet4Address.class);
    }

    @Test
    void nothingLeftIsAnOutageAndSoIsLoopbackAlone() throws Exception {
        HostAddresses network = all(FakeNetwork.of("10.1.0.5"));
        HostAddresses loopback = new HostAddresses(Set.of(InetAddress.getLoopbackAddress()), Set.of(), Set.of(), true);

        assertThat(HostAddresses.NONE.isOutageSince(network)).isTrue();
        assertThat(HostAddresses.NONE.isOutageSince(loopback)).isTrue();
        assertThat(loopback.isOutageSince(network)).isTrue();
        assertThat(loopback.isOutageSince(loopback)).isFalse();
        assertThat(network.isOutageSince(loopback)).isFalse();
        assertThat(network.isMovedSince(loopback, Inet4Address.class)).isTrue();
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

    private static HostAddresses all(FakeNetwork network) {
        return find(ALL, network, Set.of());
    }

    private static List<Class<? extends InetAddress>> movedSince(HostAddresses before, String... now) {
        HostAddresses found = all(FakeNetwork.of(now));
        return Stream.<Class<? extends InetAddress>>of(Inet4Address.class, Inet6Address.class)
                .filter(family -> found.isMovedSince(before, family))
                .toList();
    }

    private static HostAddresses find(IceConfig config, HostNetwork network, Set<InetAddress> open) {
        return HostAddresses.of(config, address("::"), List.of(), open, network);
    }

    private static Set<InetAddress> addresses(IceConfig.Builder config) throws Exception {
        return addresses(config.build(), InetAddress.getByName("::"));
    }

    private static Set<InetAddress> addresses(IceConfig config, InetAddress bound) {
        return find(config, bound).main();
    }

    private static HostAddresses find(IceConfig config, InetAddress bound) {
        return HostAddresses.of(config, bound, List.of(LOCAL_SERVER), Set.of(), new NetworkLook(HostNetwork.SYSTEM));
    }

    /** A program of its own: whether Java has IPv6 is settled when it starts. */
    static final class PrintAddresses {
        public static void main(String[] args) throws Exception {
            addresses(CONFIG, InetAddress.getByName(args[0]))
                    .forEach(address -> System.out.println(address.getHostAddress()));
        }
    }
}
