package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.Coturn;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real coturn. */
class CoturnLoopbackTest {
    private static Coturn coturn;

    private final TurnPeers peers = new TurnPeers();

    @BeforeAll
    static void start() {
        coturn = Coturn.start();
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

    @Test
    void dataGoesBothWaysFirstInIndicationsThenOnTheChannel() throws Exception {
        TurnPeers.Client client = peers.client("127.0.0.1", udp(coturn));
        TurnAllocation allocation = client.allocate();
        InetSocketAddress relayed = allocation.relayed().get(0);
        assertThat(allocation.mapped()).isEqualTo(client.address());
        InetSocketAddress echo = peers.echo("127.0.0.1");

        for (int i = 0; i < 5; i++) {
            client.send("hello " + i, relayed, echo);
            assertThat(client.receive()).isEqualTo("hello " + i + " from " + echo + " to " + relayed);
        }
        coturn.await("CHANNEL_BIND processed, success");
        client.sendBytes(1200, relayed, echo);
        assertThat(client.receivedBytes()).isEqualTo(1200);
        assertThat(client.handler().droppedInbound()).isZero();
        assertThat(client.handler().droppedOutbound()).isZero();
    }

    @Test
    void wrongPasswordIsOneClearLine() throws Exception {
        TurnServer server = new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, "wrong");
        TurnPeers.Client client = peers.client("127.0.0.1", TurnConfig.of(server));

        assertThatThrownBy(() -> client.handler().allocate().get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TurnException.class)
                .hasMessage("the TURN server " + coturn.address() + " answered ALLOCATE with 401 Unauthorized");
    }

    private static TurnConfig udp(Coturn coturn) {
        return TurnConfig.of(new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD));
    }
}
