package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.Coturn;
import dev.floe.testing.SelfSigned;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a real coturn. */
class CoturnLoopbackTest {
    @TempDir
    static Path folder;

    private static SelfSigned certificate;
    private static Coturn coturn;

    private final TurnPeers peers = new TurnPeers();

    @BeforeAll
    static void start() throws Exception {
        certificate = SelfSigned.create(folder, "localhost");
        coturn = Coturn.start("--cert=" + certificate.certificate(), "--pkey=" + certificate.key());
    }

    @AfterAll
    static void stop() {
        if (coturn != null) {
            coturn.close();
        }
    }

    @AfterEach
    void close() {
        peers.close();
    }

    @ParameterizedTest
    @EnumSource
    void dataGoesBothWaysFirstInIndicationsThenOnTheChannel(TurnTransport transport) throws Exception {
        TurnPeers.Client client = peers.client("127.0.0.1", config(transport));
        InetSocketAddress relayed = client.allocate().relayed().get(0);
        InetSocketAddress echo = peers.echo("127.0.0.1");

        for (int i = 0; i < 5; i++) {
            client.send("hello " + i, relayed, echo);
            assertThat(client.receive()).isEqualTo("hello " + i + " from " + echo + " to " + relayed);
        }
        client.awaitChannel(echo);
        for (int length : new int[] {1, 2, 3, 1200, 1350}) {
            client.sendBytes(length, relayed, echo);
            assertThat(client.receivedBytes()).isEqualTo(length);
        }
        assertThat(client.handler().droppedInbound()).isZero();
        assertThat(client.handler().droppedOutbound()).isZero();
    }

    @Test
    void mappedAddressIsTheServerReflexiveOne() throws Exception {
        TurnPeers.Client client = peers.client("127.0.0.1", config(TurnTransport.UDP));

        assertThat(client.allocate().mapped()).isEqualTo(client.address());
    }

    @ParameterizedTest
    @EnumSource
    void wrongPasswordIsOneClearLine(TurnTransport transport) throws Exception {
        TurnServer server = new TurnServer(address(transport), transport, Coturn.USERNAME, "wrong");
        TurnPeers.Client client = peers.client(
                "127.0.0.1", TurnConfig.builder(server).sslContext(trust()).build());

        assertThatThrownBy(() -> client.handler().allocate().get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TurnException.class)
                .hasMessageMatching("the TURN server .*127.0.0.1:[0-9]+ answered ALLOCATE with 401 Unauthorized");
    }

    @Test
    void certificateOfAnotherNameIsRefused() throws Exception {
        InetSocketAddress byNumber = new InetSocketAddress(
                coturn.address().getAddress(), coturn.tlsAddress().getPort());
        TurnServer server = new TurnServer(byNumber, TurnTransport.TLS, Coturn.USERNAME, Coturn.PASSWORD);
        TurnPeers.Client client = peers.client(
                "127.0.0.1", TurnConfig.builder(server).sslContext(trust()).build());

        assertThatThrownBy(() -> client.handler().allocate().get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TurnException.class)
                .hasMessageContaining("no TLS with the TURN server")
                .hasMessageContaining("No subject alternative names matching IP address 127.0.0.1");
    }

    @Test
    void certificateThatNobodyVouchesForIsRefused() throws Exception {
        TurnServer server =
                new TurnServer(address(TurnTransport.TLS), TurnTransport.TLS, Coturn.USERNAME, Coturn.PASSWORD);
        TurnPeers.Client client = peers.client("127.0.0.1", TurnConfig.of(server));

        assertThatThrownBy(() -> client.handler().allocate().get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TurnException.class)
                .hasMessageContaining("no TLS with the TURN server");
    }

    private static TurnConfig config(TurnTransport transport) throws SSLException {
        TurnServer server = new TurnServer(address(transport), transport, Coturn.USERNAME, Coturn.PASSWORD);
        return TurnConfig.builder(server).sslContext(trust()).build();
    }

    private static InetSocketAddress address(TurnTransport transport) {
        return transport == TurnTransport.TLS ? coturn.tlsAddress() : coturn.address();
    }

    private static SslContext trust() throws SSLException {
        return SslContextBuilder.forClient()
                .trustManager(certificate.certificate().toFile())
                .build();
    }
}
