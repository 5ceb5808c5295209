package dev.floe.ice;

import static dev.floe.ice.FakeNetwork.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalSocketsLoopbackTest {

    private final EventLoop loop = NioLoops.create(1).next();
    private final BlockingQueue<String> sendFailures = new LinkedBlockingQueue<>();
    private final BlockingQueue<InetAddress> silent = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> left = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> exceptions = new LinkedBlockingQueue<>();
    private final LocalSockets sockets = new LocalSockets(new LocalSockets.Listener() {
        @Override
        public void opening(Channel socket) {
            socket.pipeline().addFirst(new Leaving());
        }

        @Override
        public void sendFailed() {
            sendFailures.add("failed");
        }

        @Override
        public void silent(InetAddress address) {
            silent.add(address);
        }
    });

    private Channel main;

    @BeforeEach
    void bind() throws Exception {
        main = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, 100_000)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(sockets, new Sink());
                    }
                })
                .bind("0.0.0.0", 0)
                .sync()
                .channel();
    }

    @AfterEach
    void stop() {
        loop.parent().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void datagramsGoOutFromTheirSenderAndComeUpAtTheirRecipient() throws Exception {
        keep(List.of(address("127.0.2.1"), address("127.0.3.1")));
        assertThat(sockets.addresses()).containsExactlyInAnyOrder(address("127.0.2.1"), address("127.0.3.1"));

        for (InetSocketAddress base : bases()) {
            for (InetSocketAddress other : bases()) {
                main.writeAndFlush(packet("hello", other, base)).sync();
                assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("hello from " + base + " to " + other);
            }
        }
        main.writeAndFlush(packet("plain", bases().get(0), null)).sync();
        assertThat(received.poll(10, TimeUnit.SECONDS)).startsWith("plain from /127.0.0.1:");
        assertThat(silent).isEmpty();
    }

    @Test
    void handlerPutIntoEachSocketSeesWhatLeavesByIt() throws Exception {
        keep(List.of(address("127.0.2.1")));
        InetSocketAddress base = bases().get(0);

        main.writeAndFlush(packet("by the channel's own", base, null)).sync();
        main.writeAndFlush(packet("by another", base, base)).sync();

        assertThat(left).containsExactly("by another from " + base);
    }

    @Test
    void socketsHaveTheOptionsAndTheLoopOfTheChannel() throws Exception {
        keep(List.of(address("127.0.2.1")));

        assertThat(loop.submit(sockets::channels).get()).singleElement().satisfies(socket -> {
            assertThat(socket.eventLoop()).isSameAs(loop);
            assertThat(socket.config().getOption(ChannelOption.SO_RCVBUF))
                    .isEqualTo(main.config().getOption(ChannelOption.SO_RCVBUF));
            assertThat(socket.alloc()).isSameAs(main.alloc());
            assertThat(socket.config().<RecvByteBufAllocator>getRecvByteBufAllocator())
                    .isSameAs(main.config().<RecvByteBufAllocator>getRecvByteBufAllocator());
        });
    }

    @Test
    void whatIsNotWantedAnyMoreIsClosedAndSendsNothing() throws Exception {
        keep(List.of(address("127.0.2.1"), address("127.0.3.1")));
        InetSocketAddress gone = bases().get(0);
        InetSocketAddress kept = bases().get(1);
        keep(List.of(kept.getAddress()));

        assertThat(bases()).containsExactly(kept);
        awaitFree(gone);
        assertThatThrownBy(() -> main.writeAndFlush(packet("late", kept, gone)).sync())
                .isInstanceOf(IOException.class);
        main.writeAndFlush(packet("next", kept, kept)).sync();
        assertThat(received.poll(10, TimeUnit.SECONDS)).startsWith("next");
    }

    @Test
    void addressThatIsNotThereIsDoneWithout() throws Exception {
        keep(List.of(address("192.0.2.77"), address("127.0.2.1")));

        assertThat(sockets.addresses()).containsExactly(address("127.0.2.1"));
    }

    @Test
    void closedChannelTakesItsSocketsWithIt() throws Exception {
        keep(List.of(address("127.0.2.1")));
        InetSocketAddress base = bases().get(0);
        main.close().sync();

        loop.submit(() -> {}).sync();
        awaitFree(base);
    }

    @Test
    void removedHandlerTakesItsSocketsWithIt() throws Exception {
        keep(List.of(address("127.0.2.1")));
        InetSocketAddress base = bases().get(0);
        main.pipeline().remove(sockets);

        loop.submit(() -> {}).sync();
        awaitFree(base);
        assertThat(main.isActive()).isTrue();
    }

    @Test
    void datagramThatCannotBeSentFailsItsPromiseAndNothingElse() throws Exception {
        keep(List.of(address("127.0.2.1")));
        InetSocketAddress elsewhere = new InetSocketAddress("192.0.2.77", 9);
        InetSocketAddress base = bases().get(0);

        // From a loopback address nothing leaves the machine.
        assertThatThrownBy(() ->
                        main.writeAndFlush(packet("lost", elsewhere, base)).sync())
                .isInstanceOf(IOException.class);
        assertThat(sendFailures.poll(10, TimeUnit.SECONDS)).isNotNull();
        loop.submit(() -> main.writeAndFlush(packet("lost", elsewhere, base), main.voidPromise()))
                .sync();
        assertThat(sendFailures.poll(10, TimeUnit.SECONDS)).isNotNull();
        main.writeAndFlush(packet("fine", base, base)).sync();
        assertThat(received.poll(10, TimeUnit.SECONDS)).startsWith("fine");
        assertThat(exceptions).isEmpty();
    }

    @Test
    void channelsOwnFailuresAreToldTooAndNoExceptions() throws Exception {
        InetSocketAddress tooFar = new InetSocketAddress("255.255.255.255", 9);

        assertThatThrownBy(
                        () -> main.writeAndFlush(packet("lost", tooFar, null)).sync())
                .isInstanceOf(IOException.class);
        assertThat(sendFailures.poll(10, TimeUnit.SECONDS)).isNotNull();
        ChannelPromise none = main.voidPromise();
        loop.submit(() -> main.writeAndFlush(packet("lost", tooFar, null), none))
                .sync();
        assertThat(sendFailures.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(exceptions).isEmpty();
        assertThat(main.isActive()).isTrue();
    }

    @Test
    void addressToWhichNothingComesBackIsTold() throws Exception {
        keep(List.of(address("127.0.2.1")));
        try (DatagramSocket mute = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            main.writeAndFlush(packet("hello?", (InetSocketAddress) mute.getLocalSocketAddress(), bases().get(0)))
                    .sync();

            assertThat(silent.poll(20, TimeUnit.SECONDS)).isEqualTo(address("127.0.2.1"));
        }
    }

    private void keep(Collection<InetAddress> wanted) throws Exception {
        Future<?> kept = loop.submit(() -> sockets.keep(wanted)).get();
        assertThat(kept.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private List<InetSocketAddress> bases() throws Exception {
        return loop.submit(sockets::bases).get();
    }

    /** Returns when nobody has the address any more: a closed socket goes when its loop selects the next time. */
    static void awaitFree(InetSocketAddress address) {
        boolean isFree = false;
        while (!isFree) {
            try (DatagramSocket socket = new DatagramSocket(address)) {
                isFree = socket.isBound();
            } catch (SocketException e) {
                Thread.onSpinWait();
            }
        }
    }

    private static DatagramPacket packet(String text, InetSocketAddress recipient, InetSocketAddress sender) {
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        return new DatagramPacket(content, recipient, sender);
    }

    private final class Leaving extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            left.add(((DatagramPacket) message).content().toString(StandardCharsets.UTF_8) + " from "
                    + ctx.channel().localAddress());
            ctx.write(message, promise);
        }
    }

    private final class Sink extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            received.add(packet.content().toString(StandardCharsets.UTF_8) + " from " + packet.sender() + " to "
                    + packet.recipient());
            packet.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            exceptions.add(cause);
        }
    }
}
