package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.AddressPolicy;
import dev.floe.quic.capture.CaptureFile;
import dev.floe.quic.capture.CapturedFile;
import dev.floe.quic.capture.CapturedFile.Packet;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two peers, each with a capture of its own; what the captures say is put against each other. */
@Timeout(60)
class CaptureLoopbackTest {

    private static final int WIRE = 0;
    private static final int TUNNEL = 1;

    private final LoopbackPeers peers = new LoopbackPeers();

    @TempDir
    private Path folder;

    private CaptureFile alice;
    private CaptureFile bob;

    private record Datagram(InetSocketAddress source, InetSocketAddress destination, ByteBuffer payload) {
        static Datagram of(Packet packet) {
            return new Datagram(packet.source(), packet.destination(), packet.payload());
        }
    }

    @BeforeEach
    void capture() throws Exception {
        alice = CaptureFile.open(folder.resolve("alice"));
        bob = CaptureFile.open(folder.resolve("bob"));
        peers.alice.capture(() -> alice.tap("floe"));
        peers.bob.capture(() -> bob.tap("floe"));
    }

    @AfterEach
    void stop() {
        peers.close();
    }

    @Test
    void whatComesToOnePeerIsWhatHasLeftTheOther() throws Exception {
        Set<Channel> sockets = ConcurrentHashMap.newKeySet();
        peers.alice.ice(settings -> settings.socketInitializer(sockets::add));
        talk();

        assertThat(sockets).as("what the application does with sockets").isNotEmpty();

        CapturedFile alices = CapturedFile.read(folder.resolve("alice"));
        CapturedFile bobs = CapturedFile.read(folder.resolve("bob"));
        assertAgreed(alices, bobs, WIRE);
        assertThat(bobs.packets()).allMatch(packet -> packet.on() == WIRE);
        assertThat(bobs.blocks(CapturedFile.Interface.class))
                .containsExactly(
                        new CapturedFile.Interface(WIRE, "floe"), new CapturedFile.Interface(TUNNEL, "floe in TURN"));
        assertThat(bobs.statistics())
                .containsExactly(
                        new CapturedFile.Statistics(WIRE, bobs.packets().size(), 0),
                        new CapturedFile.Statistics(TUNNEL, 0, 0));
        assertThat(bobs.blocks(CapturedFile.Secret.class))
                .extracting(CapturedFile.Secret::label)
                .contains("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0");
    }

    @Test
    void whatIsTunnelledInTurnIsWrappedOnOneInterfaceAndUnwrappedOnTheOther() throws Exception {
        try (Coturn coturn = Coturn.start()) {
            relayOnly(peers.alice, coturn, TurnTransport.UDP);
            relayOnly(peers.bob, coturn, TurnTransport.TCP);
            talk();
            CapturedFile alices = CapturedFile.read(folder.resolve("alice"));
            CapturedFile bobs = CapturedFile.read(folder.resolve("bob"));

            assertAgreed(alices, bobs, TUNNEL);
            assertThat(alices.packets().stream().filter(packet -> packet.on() == WIRE))
                    .isNotEmpty()
                    .allMatch(packet -> packet.isOutbound()
                            ? packet.destination().equals(coturn.address())
                            : packet.source().equals(coturn.address()));
            assertThat(bobs.packets()).as("of TCP there are no datagrams").allMatch(packet -> packet.on() == TUNNEL);
        }
    }

    @Test
    void keyLogAndQlogAreWritten() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        peers.alice.keyLog(keys::add).qlog(folder);
        peers.bob.qlog(folder);
        talk();

        assertThat(keys)
                .extracting(line -> line.split(" ", 2)[0])
                .contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".qlog")))
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(file).content().contains("packet_sent"));
        }
    }

    private void talk() throws Exception {
        var offered = peers.offer();
        QuicChannel client = peers.answer().get(15, TimeUnit.SECONDS);
        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
        client.close().sync();
        offered.get().parent().closeFuture().sync();
        client.parent().closeFuture().sync();
        alice.close();
        bob.close();
    }

    private static void relayOnly(PeerConfig.Builder peer, Coturn coturn, TurnTransport transport) {
        peer.ice(settings -> settings.addressPolicy(AddressPolicy.RELAY_ONLY))
                .turnServers(List.of(new TurnServer(coturn.address(), transport, Coturn.USERNAME, Coturn.PASSWORD)));
    }

    /** Neither hears what the other has not said, and each hears the other in STUN and in QUIC. */
    private static void assertAgreed(CapturedFile alices, CapturedFile bobs, int on) {
        assertThat(datagrams(bobs, on, true)).containsAll(datagrams(alices, on, false));
        assertThat(datagrams(alices, on, true)).containsAll(datagrams(bobs, on, false));
        for (CapturedFile file : List.of(alices, bobs)) {
            List<Packet> inbound = file.packets().stream()
                    .filter(packet -> packet.on() == on && !packet.isOutbound())
                    .toList();
            assertThat(inbound).anyMatch(Packet::isStun).anyMatch(Packet::isQuic);
        }
    }

    private static Set<Datagram> datagrams(CapturedFile file, int on, boolean isOutbound) {
        return file.packets().stream()
                .filter(packet -> packet.on() == on && packet.isOutbound() == isOutbound)
                .map(Datagram::of)
                .collect(Collectors.toSet());
    }
}
