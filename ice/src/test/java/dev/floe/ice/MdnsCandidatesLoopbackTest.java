package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.mdns.Mdns;
import dev.floe.stun.StunCodec;
import dev.floe.testing.NioLoops;
import dev.floe.testing.Requirement;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that hide their addresses behind names, over real multicast on the loopback interface alone. */
@Timeout(60)
class MdnsCandidatesLoopbackTest {

    private final EventLoopGroup group = NioLoops.create(1);
    private final Queue<IceEvent> events = new ConcurrentLinkedQueue<>();
    private NetworkInterface loopback;

    @BeforeEach
    void assumeMulticast() throws Exception {
        loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        Future<Mdns> opened = Mdns.open(group.next(), loopback::equals, Runnable::run);
        if (opened.await(20, TimeUnit.SECONDS) && opened.isSuccess()) {
            group.submit(() -> opened.getNow().close()).sync();
            return;
        }
        Requirement.missing("no multicast over loopback", opened.cause());
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void peersThatTellNamesAloneFindEachOther() throws Exception {
        IceHandler offerer = bind(config(IceRole.CONTROLLING).hidesHostAddresses(true));
        IceHandler answerer = bind(config(IceRole.CONTROLLED).hidesHostAddresses(true));
        IceDescription offer = get(offerer.gather());
        IceDescription answer = get(answerer.gather());
        answerer.setRemoteDescription(offer);
        offerer.setRemoteDescription(answer);

        assertThat(offer.candidates()).hasSize(1).allMatch(Candidate::isMdns);
        assertThat(offer.toString() + answer).doesNotContain("127.0.0.1");
        assertThat(get(offerer.connected()).remoteAddress().getAddress().isLoopbackAddress())
                .isTrue();
        get(answerer.connected());
        assertThat(events)
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(IceEvent.RemoteCandidateAdded.class, added -> {
                            assertThat(added.candidate().isMdns()).isTrue();
                            assertThat(added.candidate().address().isUnresolved())
                                    .isFalse();
                        }));
    }

    @Test
    void trickledNameIsResolvedForItsOwnSessionAlone() throws Exception {
        IceHandler offerer = bind(config(IceRole.CONTROLLING).hidesHostAddresses(true));
        IceHandler answerer = bind(config(IceRole.CONTROLLED));
        IceDescription offer = get(offerer.gather());
        get(answerer.gather());
        answerer.setRemoteDescription(new IceDescription(
                offer.credentials(),
                null,
                IceConfig.builder(IceRole.CONTROLLING).build().options(),
                List.of()));
        Candidate named = offer.candidates().get(0);
        answerer.addRemoteCandidate(named, "stranger").sync();
        assertThat(events).noneMatch(event -> event instanceof IceEvent.RemoteCandidateAdded);
        answerer.addRemoteCandidate(named).sync();
        offerer.setRemoteDescription(get(answerer.gather()));

        get(answerer.connected());
        get(offerer.connected());
    }

    private IceHandler bind(IceConfig.Builder config) {
        IceHandler handler = new IceHandler(config.build());
        new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), handler, new Recorder());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly();
        return handler;
    }

    private IceConfig.Builder config(IceRole role) {
        return IceConfig.builder(role).interfaceFilter(loopback::equals);
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
