package dev.floe.ice;

import static dev.floe.ice.FakeNetwork.address;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunCodec;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session on a machine whose network changes, with 127.0.0.0/8 for its interfaces. */
@Timeout(60)
class RoamingLoopbackTest {

    private final FakeNetwork network = FakeNetwork.of("127.0.0.1", "127.0.2.1");
    private final NetworkWatch watch = new NetworkWatch(network);
    private final EventLoop loop = NioLoops.create(1).next();
    private final ChannelGroup channels = new DefaultChannelGroup(loop);
    private final BlockingQueue<IceEvent> events = new LinkedBlockingQueue<>();
    private final IceHandler roaming = new IceHandler(
            IceConfig.builder(IceRole.CONTROLLING)
                    .addressPolicy(AddressPolicy.ALL)
                    .build(),
            watch);
    private final IceHandler staying =
            new IceHandler(IceConfig.of(IceRole.CONTROLLED, List.of()), new NetworkWatch(FakeNetwork.of("127.0.0.1")));

    @AfterEach
    void stop() throws Exception {
        Thread thread = watch.thread();
        // A loop that is shut down without a quiet period may end before it has closed its channels.
        channels.close().sync();
        loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        if (thread != null) {
            thread.join();
        }
    }

    @Test
    void interfaceThatTheDefaultRouteDoesNotUseHasPairsOfItsOwn() throws Exception {
        connect();

        await(event -> event instanceof IceEvent.PairAdded added
                && added.pair().base().getAddress().equals(address("127.0.2.1"))
                && added.pair().local().address().equals(added.pair().base()));
    }

    @Test
    void moveIsToldAndThenTheCandidatesThatFollow() throws Exception {
        connect();
        network.become("127.0.3.1", "127.0.2.1");

        await(event -> event instanceof IceEvent.NetworkChanged);
        await(event -> event instanceof IceEvent.LocalCandidateAdded added
                && added.candidate().address().getAddress().equals(address("127.0.3.1")));
        assertThat(get(loop.submit(roaming::selectedPair))).isPresent();
        assertThat(get(loop.submit(roaming::localDescription)).candidates())
                .extracting(candidate -> candidate.address().getAddress())
                .doesNotContain(address("127.0.0.1"));
    }

    @Test
    void interfaceThatComesIsACandidateAndNoMove() throws Exception {
        connect();
        network.become("127.0.0.1", "127.0.2.1", "127.0.4.1");

        await(event -> event instanceof IceEvent.LocalCandidateAdded added
                && added.candidate().address().getAddress().equals(address("127.0.4.1")));
        assertThat(events).noneMatch(event -> event instanceof IceEvent.NetworkChanged);
    }

    @Test
    void closedChannelsEndTheWatch() throws Exception {
        Channel channel = connect();
        Thread thread = watch.thread();
        assertThat(thread.isAlive()).isTrue();
        channel.close().sync();

        thread.join();
        assertThat(watch.thread()).isNull();
    }

    @Test
    void removedHandlerEndsTheWatchAndItsSockets() throws Exception {
        Channel channel = connect();
        Thread thread = watch.thread();
        channel.pipeline().remove(roaming);

        thread.join();
        loop.submit(() -> {}).sync();
        assertThat(channel.pipeline().get(LocalSockets.class)).isNull();
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void channelThatIsClosedWhileGatheringLeavesNothingBehind() throws Exception {
        Channel channel = bind(new StunCodec(), roaming, new Recorder());
        Future<IceDescription> gathered = roaming.gather();
        channel.close().sync();

        assertThat(gathered.await(20, TimeUnit.SECONDS)).isTrue();
        Thread thread = watch.thread();
        if (thread != null) {
            thread.join();
        }
    }

    private Channel connect() throws Exception {
        Channel channel = bind(new StunCodec(), roaming, new Recorder());
        bind(new StunCodec(), staying);
        IceDescription offer = get(roaming.gather());
        IceDescription answer = get(staying.gather());
        staying.setRemoteDescription(offer);
        roaming.setRemoteDescription(answer);
        get(roaming.connected());
        get(staying.connected());
        return channel;
    }

    private Channel bind(ChannelHandler... handlers) {
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind("0.0.0.0", 0)
                .syncUninterruptibly()
                .channel();
        channels.add(channel);
        return channel;
    }

    private void await(Predicate<IceEvent> wanted) throws InterruptedException {
        IceEvent event;
        do {
            event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("the event that is waited for").isNotNull();
        } while (!wanted.test(event));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent iceEvent) {
                events.add(iceEvent);
            }
        }
    }
}
