package dev.floe.stun.turn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.testing.Coturn;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a real coturn whose nonces last for a second and whose allocations start with four, and that gets killed. */
class CoturnLifeLoopbackTest {
    private static Coturn coturn;

    private final TurnPeers peers = new TurnPeers();

    @BeforeAll
    static void start() {
        coturn = Coturn.start("--stale-nonce=1", "--max-allocate-lifetime=4", "--mobility");
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
    @EnumSource(names = {"UDP", "TCP"})
    void relayOutlivesItsFirstNonceAndItsFirstLifetime(TurnTransport transport) throws Exception {
        coturn.kill();
        coturn.restart();
        TurnPeers.Client client = peers.client("127.0.0.1", config(transport).build());
        InetSocketAddress relayed = client.allocate().relayed().get(0);
        InetSocketAddress echo = peers.echo("127.0.0.1");
        client.send("first", relayed, echo);
        assertThat(client.receive()).startsWith("first");

        // In silence; by then the first nonce is stale.
        coturn.await("error 438");
        coturn.await("REFRESH processed, success");
        client.send("second", relayed, echo);
        assertThat(client.receive()).isEqualTo("second from " + echo + " to " + relayed);
        InetSocketAddress another = peers.echo("127.0.0.2");
        client.send("third", relayed, another);
        assertThat(client.receive()).isEqualTo("third from " + another + " to " + relayed);
        assertThat(client.events()).hasSize(1);
    }

    @Test
    void bothFamiliesAreRelayed() throws Exception {
        TurnPeers.Client client =
                peers.client("127.0.0.1", config(TurnTransport.UDP).build());
        List<InetSocketAddress> relayed = client.allocate().relayed();
        assertThat(relayed).hasSize(2);
        for (String loopback : List.of("127.0.0.1", "::1")) {
            InetSocketAddress echo = peers.echo(loopback);
            InetSocketAddress base = relayed.get(loopback.equals("::1") ? 1 : 0);
            client.send("hello", base, echo);
            assertThat(client.receive()).isEqualTo("hello from " + echo + " to " + base);
            client.awaitChannel(echo);
            client.send("hello again", base, echo);
            assertThat(client.receive()).isEqualTo("hello again from " + echo + " to " + base);
        }
    }

    @Test
    void ipv6AloneIsRelayedOverIpv6() throws Exception {
        TurnServer server = new TurnServer(coturn.addressIpv6(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD);
        TurnPeers.Client client = peers.client(
                "::1", TurnConfig.builder(server).families(TurnFamilies.IPV6).build());
        List<InetSocketAddress> relayed = client.allocate().relayed();
        assertThat(relayed).hasSize(1);
        assertThat(relayed.get(0).getAddress()).isInstanceOf(Inet6Address.class);

        InetSocketAddress echo = peers.echo("::1");
        client.send("hello", relayed.get(0), echo);
        assertThat(client.receive()).isEqualTo("hello from " + echo + " to " + relayed.get(0));
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "TCP"})
    void restartedServerGivesANewRelay(TurnTransport transport) throws Exception {
        TurnPeers.Client client = peers.client("127.0.0.1", config(transport).build());
        TurnAllocation first = client.allocate();
        InetSocketAddress echo = peers.echo("127.0.0.1");
        client.send("before", first.relayed().get(0), echo);
        assertThat(client.receive()).startsWith("before");
        client.event(TurnEvent.Allocated.class);
        coturn.kill();
        coturn.restart();

        // The first that the server hears of a client that it has forgotten; over TCP the client knows by itself.
        client.send("lost", first.relayed().get(0), peers.echo("127.0.0.2"));
        assertThat(client.event(TurnEvent.AllocationLost.class).allocation()).isEqualTo(first);
        TurnAllocation second = client.event(TurnEvent.Allocated.class).allocation();
        client.send("after", second.relayed().get(0), echo);
        assertThat(client.receive())
                .isEqualTo("after from " + echo + " to " + second.relayed().get(0));
    }

    @Test
    void mobileAllocationFollowsItsClient() throws Exception {
        RebindingNat nat = peers.nat(coturn.address());
        TurnServer server = new TurnServer(nat.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD);
        TurnPeers.Client client =
                peers.client("127.0.0.1", TurnConfig.builder(server).mobile().build());
        TurnAllocation allocation = client.allocate();
        InetSocketAddress relayed = allocation.relayed().get(0);
        InetSocketAddress echo = peers.echo("127.0.0.1");
        client.send("here", relayed, echo);
        assertThat(client.receive()).startsWith("here");
        client.awaitChannel(echo);

        nat.rebind();
        client.handler().moved();
        assertThat(client.event(TurnEvent.AllocationMoved.class).allocation().relayed())
                .isEqualTo(allocation.relayed());
        client.send("there", relayed, echo);
        assertThat(client.receive()).isEqualTo("there from " + echo + " to " + relayed);
        client.handler().moved();
        client.event(TurnEvent.AllocationMoved.class);
        client.send("still there", relayed, echo);
        assertThat(client.receive()).isEqualTo("still there from " + echo + " to " + relayed);
    }

    @Test
    void closeReleasesTheAllocation() throws Exception {
        coturn.kill();
        coturn.restart();
        TurnPeers.Client client =
                peers.client("127.0.0.1", config(TurnTransport.UDP).build());
        client.allocate();
        client.channel().close().sync();

        coturn.await("lifetime=0");
    }

    private static TurnConfig.Builder config(TurnTransport transport) {
        TurnServer server = new TurnServer(coturn.address(), transport, Coturn.USERNAME, Coturn.PASSWORD);
        return TurnConfig.builder(server).lifetime(Duration.ofSeconds(4));
    }
}
