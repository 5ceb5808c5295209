package dev.floe.demo.lab;

import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.Uplink.LTE;
import static dev.floe.demo.lab.Uplink.WIFI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import dev.floe.demo.lab.UdpProbe.Datagram;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Shows with plain UDP that each {@link NatKind} behaves as RFC 4787 defines it. That something does not arrive is shown
 * by what is sent after it and does: nothing on these links is overtaken.
 */
class NatLabNetnsIT {
    private static NatLab lab;
    private static UdpProbe a;
    private static UdpProbe b;
    private static UdpProbe.Socket server;
    private static UdpProbe.Socket serverOtherPort;
    private static UdpProbe.Socket serverOtherAddress;

    private UdpProbe.Socket inner;

    /** The behaviours of RFC 4787 §4.1 (mapping) and §5 (filtering). */
    enum Behaviour {
        ENDPOINT_INDEPENDENT,
        ADDRESS_DEPENDENT,
        ADDRESS_AND_PORT_DEPENDENT
    }

    @BeforeAll
    static void buildLab() {
        assumeLab();
        lab = NatLab.build(NatKind.NONE, NatKind.NONE);
        a = UdpProbe.on(lab.a());
        b = UdpProbe.on(lab.b());
        UdpProbe probe = UdpProbe.on(lab.server());
        server = probe.open(lab.serverAddress() + ":5000");
        serverOtherPort = probe.open(lab.serverAddress() + ":5001");
        serverOtherAddress = probe.open(lab.secondServerAddress() + ":5000");
    }

    @AfterAll
    static void closeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    @BeforeEach
    void openInnerSocket() {
        inner = a.open(lab.a());
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, ENDPOINT_INDEPENDENT",
        "FULL_CONE, ENDPOINT_INDEPENDENT",
        "ADDRESS_RESTRICTED, ENDPOINT_INDEPENDENT",
        "PORT_RESTRICTED, ENDPOINT_INDEPENDENT",
        "SYMMETRIC, ADDRESS_AND_PORT_DEPENDENT"
    })
    void mappingDependsOn(NatKind kind, Behaviour expected) {
        lab.nat(lab.a(), kind);
        String mapping = mappingTo(server);
        boolean sameForOtherPort = mappingTo(serverOtherPort).equals(mapping);
        boolean sameForOtherAddress = mappingTo(serverOtherAddress).equals(mapping);
        assertThat(behaviour(sameForOtherPort, sameForOtherAddress)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, ENDPOINT_INDEPENDENT",
        "FULL_CONE, ENDPOINT_INDEPENDENT",
        "ADDRESS_RESTRICTED, ADDRESS_DEPENDENT",
        "PORT_RESTRICTED, ADDRESS_AND_PORT_DEPENDENT",
        "SYMMETRIC, ADDRESS_AND_PORT_DEPENDENT"
    })
    void filteringDependsOn(NatKind kind, Behaviour expected) {
        lab.nat(lab.a(), kind);
        String mapping = mappingTo(server);
        serverOtherPort.send(mapping, "other-port");
        serverOtherAddress.send(mapping, "other-address");
        server.send(mapping, "same");
        List<String> received = texts(inner.receiveUntil("same"));
        assertThat(behaviour(received.contains("other-port"), received.contains("other-address")))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "SYMMETRIC", "UDP_BLOCKED"})
    void conesKeepThePortsOfTwoSocketsApart(NatKind kind) {
        lab.nat(lab.a(), kind);
        UdpProbe.Socket second = a.open(lab.a());
        assertThat(mappingTo(server)).isEqualTo(gatewayEndpoint(inner));
        assertThat(mapping(second, server)).isEqualTo(gatewayEndpoint(second));
        server.send(gatewayEndpoint(second), "for-second");
        server.send(gatewayEndpoint(inner), "for-inner");
        assertThat(texts(second.receiveUntil("for-second"))).containsExactly("for-second");
        assertThat(texts(inner.receiveUntil("for-inner"))).containsExactly("for-inner");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "SYMMETRIC", "UDP_BLOCKED"})
    void datagramBeforeAnyMappingIsDroppedAndDoesNotMoveTheMapping(NatKind kind) {
        lab.nat(lab.a(), kind);
        server.send(gatewayEndpoint(inner), "unasked");
        assertThat(mappingTo(server)).isEqualTo(gatewayEndpoint(inner));
        server.send(gatewayEndpoint(inner), "asked");
        assertThat(texts(inner.receiveUntil("asked"))).containsExactly("asked");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "UDP_BLOCKED"})
    void innerAddressIsNotReachedThroughANat(NatKind kind) {
        lab.nat(lab.a(), kind);
        String mapping = mappingTo(server);
        server.send(inner.endpoint(), "to-inner-address");
        server.send(mapping, "to-mapping");
        assertThat(texts(inner.receiveUntil("to-mapping"))).containsExactly("to-mapping");
    }

    @Test
    void nothingGoesOverUdpWhereThatIsBlocked() {
        lab.nat(lab.a(), NatKind.UDP_BLOCKED);
        inner.send(server.endpoint(), "dropped");
        lab.nat(lab.a(), NatKind.PORT_RESTRICTED);
        inner.send(server.endpoint(), "through");
        assertThat(texts(server.receiveUntil("through"))).containsExactly("through");
    }

    @Test
    void hostWithoutNatIsReachedUnaskedAtItsOwnAddress() {
        lab.nat(lab.a(), NatKind.PORT_RESTRICTED);
        lab.nat(lab.a(), NatKind.NONE);
        server.send(inner.endpoint(), "unasked");
        assertThat(inner.receiveUntil("unasked")).containsExactly(new Datagram(server.endpoint(), "unasked"));
        assertThat(mappingTo(server)).isEqualTo(inner.endpoint());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "UDP_BLOCKED"})
    void newNatHasForgottenTheMappings(NatKind kind) {
        lab.nat(lab.a(), kind);
        String old = mappingTo(server);
        lab.nat(lab.a(), kind);
        server.send(old, "to-old-mapping");
        server.send(mappingTo(server), "to-new-mapping");
        assertThat(texts(inner.receiveUntil("to-new-mapping"))).containsExactly("to-new-mapping");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "SYMMETRIC", "UDP_BLOCKED"})
    void natThatForgetsLetsInWhatIsAskedForAgainByTheSamePort(NatKind kind) {
        lab.nat(lab.a(), kind);
        String mapping = mappingTo(server);
        lab.forget(lab.a(), WIFI);
        server.send(mapping, "forgotten");
        assertThat(mappingTo(server)).isEqualTo(mapping);
        server.send(mapping, "asked");
        assertThat(texts(inner.receiveUntil("asked"))).containsExactly("asked");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"NONE", "SYMMETRIC", "UDP_BLOCKED"})
    void reboundMappingHasAnotherPortButIsOfTheSameKind(NatKind kind) {
        lab.nat(lab.a(), kind);
        String old = mappingTo(server);
        lab.rebind(lab.a(), WIFI);
        String mapping = mappingTo(server);
        assertThat(mapping).isNotEqualTo(old).startsWith(lab.gatewayAddress(lab.a()) + ":");
        assertThat(mappingTo(serverOtherPort)).isEqualTo(mapping);
        assertThat(mappingTo(serverOtherAddress)).isEqualTo(mapping);
        server.send(old, "to-old-port");
        serverOtherAddress.send(mapping, "to-new-port");
        assertThat(texts(inner.receiveUntil("to-new-port"))).containsExactly("to-new-port");

        lab.rebind(lab.a(), WIFI);
        String third = mappingTo(server);
        assertThat(third).isNotEqualTo(mapping);
        serverOtherAddress.send(third, "unasked");
        server.send(third, "asked");
        assertThat(texts(inner.receiveUntil("asked")).contains("unasked")).isEqualTo(kind == NatKind.FULL_CONE);
    }

    @Test
    void hostThatRoamsLeavesByItsOtherGateway() {
        lab.nat(lab.a(), NatKind.NONE);
        lab.nat(lab.a(), LTE, NatKind.PORT_RESTRICTED);
        UdpProbe.Socket any = a.open("0.0.0.0:0");
        assertThat(mapping(any, server)).startsWith(lab.a().address() + ":");
        lab.roam(lab.a());
        assertThat(mapping(any, server)).startsWith(lab.gatewayAddress(lab.a(), LTE) + ":");
        lab.unroam(lab.a());
        assertThat(mapping(any, server)).startsWith(lab.a().address() + ":");
    }

    @Test
    void secondUplinkIsUsedByWhatIsBoundToItWhileTheFirstIsPreferred() {
        NatLab other = NatLab.build(NatKind.PORT_RESTRICTED, NatKind.NONE);
        try (other) {
            other.startLte(other.a());
            UdpProbe probe = UdpProbe.on(other.a());
            UdpProbe.Socket far = UdpProbe.on(other.server()).open(other.serverAddress() + ":5000");
            UdpProbe.Socket any = probe.open("0.0.0.0:0");
            UdpProbe.Socket second = probe.open("10.3.0.2:0");
            assertThat(mapping(any, far)).startsWith(other.gatewayAddress(other.a()) + ":");
            assertThat(mapping(second, far)).startsWith(other.gatewayAddress(other.a(), LTE) + ":");
            other.roam(other.a());
            other.unroam(other.a());
            assertThat(mapping(any, far)).startsWith(other.gatewayAddress(other.a()) + ":");
            assertThat(mapping(second, far)).startsWith(other.gatewayAddress(other.a(), LTE) + ":");
        }
    }

    @Test
    void whatIsCutIsLostSilentlyUntilItIsMended() {
        lab.nat(lab.a(), NatKind.NONE);
        lab.cut(lab.a(), WIFI);
        inner.send(server.endpoint(), "lost");
        server.send(inner.endpoint(), "lost-too");
        lab.mend(lab.a(), WIFI);
        server.send(inner.endpoint(), "not-lost");
        assertThat(texts(inner.receiveUntil("not-lost"))).containsExactly("not-lost");
        inner.send(server.endpoint(), "back");
        assertThat(texts(server.receiveUntil("back"))).doesNotContain("lost").endsWith("back");
    }

    @Test
    void dividedHostsReachTheServerAlone() {
        lab.nat(lab.a(), NatKind.NONE);
        lab.nat(lab.b(), NatKind.NONE);
        UdpProbe.Socket other = b.open(lab.b());
        lab.divide();
        inner.send(other.endpoint(), "lost");
        inner.send(server.endpoint(), "to-server");
        assertThat(texts(server.receiveUntil("to-server"))).endsWith("to-server");
        lab.unite();
        inner.send(other.endpoint(), "united");
        assertThat(texts(other.receiveUntil("united"))).containsExactly("united");
    }

    @Test
    void twoPortRestrictedHostsReachEachOtherByPunching() {
        lab.nat(lab.a(), NatKind.PORT_RESTRICTED);
        lab.nat(lab.b(), NatKind.PORT_RESTRICTED);
        UdpProbe.Socket other = b.open(lab.b());
        String mapping = mappingTo(server);
        String otherMapping = mapping(other, server);
        inner.send(otherMapping, "dropped");
        other.send(mapping, "first-through");
        assertThat(inner.receiveUntil("first-through")).containsExactly(new Datagram(otherMapping, "first-through"));
        inner.send(otherMapping, "and-back");
        assertThat(other.receiveUntil("and-back")).containsExactly(new Datagram(mapping, "and-back"));
    }

    @Test
    void closedLabLeavesNothingBehind() {
        List<String> before = namespacesOfThisRun();
        NatLab other = NatLab.build(NatKind.FULL_CONE, NatKind.SYMMETRIC);
        Process process = other.a().start(List.of("sleep", "infinity"));
        assertThat(namespacesOfThisRun()).hasSizeGreaterThan(before.size());
        assertThat(vethsOfThisRun()).isEmpty();

        other.close();
        assertThat(process.isAlive()).isFalse();
        assertThat(namespacesOfThisRun()).isEqualTo(before);
        assertThat(vethsOfThisRun()).isEmpty();
        other.close();
    }

    @Test
    void labThatCannotBeBuiltLeavesNothingBehind() {
        List<String> before = namespacesOfThisRun();
        assertThatThrownBy(() -> NatLab.build(NatKind.NONE, null)).isInstanceOf(NullPointerException.class);
        assertThat(namespacesOfThisRun()).isEqualTo(before);
    }

    private static Behaviour behaviour(boolean sameForOtherPort, boolean sameForOtherAddress) {
        if (sameForOtherAddress) {
            assertThat(sameForOtherPort).isTrue();
            return Behaviour.ENDPOINT_INDEPENDENT;
        }
        return sameForOtherPort ? Behaviour.ADDRESS_DEPENDENT : Behaviour.ADDRESS_AND_PORT_DEPENDENT;
    }

    private String mappingTo(UdpProbe.Socket destination) {
        return mapping(inner, destination);
    }

    /** The source address and port that a destination sees of a socket. */
    private static String mapping(UdpProbe.Socket socket, UdpProbe.Socket destination) {
        String text = "mapping-of-" + socket.endpoint();
        socket.send(destination.endpoint(), text);
        List<Datagram> received = destination.receiveUntil(text);
        return received.get(received.size() - 1).from();
    }

    private static String gatewayEndpoint(UdpProbe.Socket socket) {
        return lab.gatewayAddress(lab.a()) + ":" + socket.port();
    }

    private static List<String> texts(List<Datagram> datagrams) {
        return datagrams.stream().map(Datagram::text).toList();
    }

    private static List<String> namespacesOfThisRun() {
        return linesOfThisRun(Shell.run("ip", "netns", "list"));
    }

    /** The interfaces outside the namespaces whose other end is in one. */
    private static List<String> vethsOfThisRun() {
        return linesOfThisRun(Shell.run("ip", "-oneline", "link", "show", "type", "veth"));
    }

    private static List<String> linesOfThisRun(String output) {
        return output.lines()
                .filter(line -> line.contains(NatLab.PREFIX))
                .sorted()
                .toList();
    }
}
