package dev.floe.ice;

import static dev.floe.ice.FakeNetwork.address;
import static dev.floe.ice.LocalSocketsLoopbackTest.awaitFree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.agent.GatherPlan.Host;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalBasesLoopbackTest {

    private final FakeNetwork network = FakeNetwork.of("127.0.1.1");
    private final NetworkWatch watch = new NetworkWatch(network);
    private final EventLoop loop = NioLoops.create(1).next();
    private final BlockingQueue<Set<Class<? extends InetAddress>>> changes = new LinkedBlockingQueue<>();
    private final LocalBases bases = bases(AddressPolicy.ALL);

    private Channel channel;

    @AfterEach
    void stop() throws Exception {
        Thread thread = watch.thread();
        if (channel != null && channel.isOpen()) {
            loop.submit(bases::stop).sync();
        }
        loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        if (thread != null) {
            thread.join();
        }
    }

    @Test
    void socketsComeAndGoWithTheirInterfacesAndMoveNothing() throws Exception {
        start("0.0.0.0", bases);
        assertThat(hosts()).containsExactly(new Host(own("127.0.1.1"), base()));

        network.become("127.0.1.1", "127.0.2.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEmpty();
        Host second = hosts().get(1);
        assertThat(second.address().getAddress()).isEqualTo(address("127.0.2.1"));
        assertThat(second.base()).isEqualTo(second.address()).isNotEqualTo(own("127.0.2.1"));

        network.become("127.0.1.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isEmpty();
        assertThat(hosts()).hasSize(1);
        awaitFree(second.base());
    }

    @Test
    void otherSourceTowardsTheDefaultRouteIsAMoveAndTheSecondSocketStays() throws Exception {
        network.become("127.0.1.1", "127.0.2.1");
        start("0.0.0.0", bases);
        Host second = hosts().get(1);

        network.become("127.0.2.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).containsExactly(Inet4Address.class);
        assertThat(hosts()).containsExactly(new Host(own("127.0.2.1"), base()), second);
    }

    @Test
    void routeThatComesAfterItsAddressIsAMove() throws Exception {
        network.become("(127.0.1.1)");
        start("0.0.0.0", bases);

        network.become("127.0.1.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).containsExactly(Inet4Address.class);
    }

    @Test
    void outageIsToldWhenItIsOver() throws Exception {
        start("0.0.0.0", bases);
        network.become();
        awaitLooks(10);
        assertThat(changes).isEmpty();
        assertThat(hosts()).hasSize(1);

        network.become("127.0.1.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).contains(Inet4Address.class, Inet6Address.class);
    }

    @Test
    void addressThatRotatesWithoutBeingUsedMovesNothing() throws Exception {
        network.become("127.0.1.1", "127.0.2.1");
        start("0.0.0.0", bases);

        network.become("127.0.1.1", "127.0.2.2", "127.0.2.1");
        awaitLooks(10);
        assertThat(changes).isEmpty();
    }

    @Test
    void interfaceThatFlapsIsToldAFewTimesAtOnceAndThenOnceASecond() throws Exception {
        start("0.0.0.0", bases);
        long start = System.nanoTime();
        for (int turn = 0; turn < 60; turn++) {
            network.become(turn % 2 == 0 ? "127.0.2.1" : "127.0.1.1");
            awaitLooks(1);
        }
        loop.submit(() -> {}).sync();

        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        assertThat(changes).hasSizeBetween(1, (int) (8 + seconds + 1));
        network.become("127.0.3.1");
        while (!hosts().equals(List.of(new Host(own("127.0.3.1"), base())))) {
            assertThat(changes.poll(20, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @Test
    void socketOfOneAddressHasThatAloneAndComesBackWithIt() throws Exception {
        network.become("10.1.0.5");
        LocalBases bound = bases(AddressPolicy.ALL);
        start("127.0.4.1", bound);
        network.become("10.1.0.5", "10.2.0.5");
        awaitLooks(10);

        assertThat(loop.submit(bound::hosts).get()).containsExactly(new Host(own("127.0.4.1"), own("127.0.4.1")));
        assertThat(changes).isEmpty();
        loop.submit(bound::stop).sync();
    }

    @Test
    void relaysAloneHaveNoHostsAndFollowTheNetworkAllTheSame() throws Exception {
        LocalBases relayOnly = bases(AddressPolicy.RELAY_ONLY);
        start("0.0.0.0", relayOnly);
        assertThat(loop.submit(relayOnly::hosts).get()).isEmpty();

        network.become("127.0.2.1");
        assertThat(changes.poll(20, TimeUnit.SECONDS)).containsExactly(Inet4Address.class);
        loop.submit(relayOnly::stop).sync();
    }

    @Test
    void stoppedBasesLeaveNoThreadAndNoSocketBehind() throws Exception {
        network.become("127.0.1.1", "127.0.2.1");
        start("0.0.0.0", bases);
        InetSocketAddress second = hosts().get(1).base();
        Thread thread = watch.thread();
        loop.submit(bases::stop).sync();

        thread.join();
        awaitFree(second);
    }

    private LocalBases bases(AddressPolicy policy) {
        IceConfig config =
                IceConfig.builder(IceRole.CONTROLLED).addressPolicy(policy).build();
        return new LocalBases(config, watch, new LocalBases.Listener() {
            @Override
            public void changed(Set<Class<? extends InetAddress>> moved) {
                changes.add(moved);
            }

            @Override
            public void silent(InetAddress address) {}
        });
    }

    private void start(String bound, LocalBases started) throws Exception {
        channel = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(bound, 0)
                .sync()
                .channel();
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        HostAddresses found = started.find(address(bound), List.of());
        loop.submit(() -> started.start(ctx, List.of(), found)).get().sync();
        awaitLooks(2);
    }

    private List<Host> hosts() throws Exception {
        return loop.submit(bases::hosts).get();
    }

    private InetSocketAddress base() {
        return (InetSocketAddress) channel.localAddress();
    }

    private InetSocketAddress own(String host) {
        return new InetSocketAddress(address(host), base().getPort());
    }

    private void awaitLooks(int count) {
        int start = network.looks();
        while (network.looks() < start + count) {
            watch.look();
            Thread.onSpinWait();
        }
    }
}
