package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client against server over real sockets. */
class StunLoopbackTest {
    private final EventLoopGroup group = NioLoops.create(1);

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void clientLearnsItsAddress(String loopback) throws Exception {
        assumeBindable(loopback);
        StunServerHandler server = new StunServerHandler();
        InetSocketAddress serverAddress = address(bind(loopback, new StunCodec(), server));
        StunClientHandler client = new StunClientHandler();
        Channel channel = bind(loopback, new StunCodec(), client);

        StunMessage request = request();
        StunMessage response = client.request(request, serverAddress).get(10, TimeUnit.SECONDS);

        assertThat(response.is(StunClass.SUCCESS, StunMethod.BINDING)).isTrue();
        assertThat(response.find(XorMappedAddress.class)).contains(new XorMappedAddress(address(channel)));
        assertThat(response.hasValidFingerprint()).isTrue();
        // More than once if this machine was too busy for the first answer to come in time.
        assertThat(server.answered()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void serverOutlivesGarbage(String loopback) throws Exception {
        assumeBindable(loopback);
        StunCodec codec = new StunCodec();
        InetSocketAddress serverAddress = address(bind(loopback, codec, new StunServerHandler()));
        StunClientHandler client = new StunClientHandler();
        Channel channel = bind(loopback, new StunCodec(), client);
        byte[] lying = Vectors.REQUEST.bytes();
        lying[3] = 0;
        for (byte[] garbage : new byte[][] {lying, new byte[1], new byte[1200], {}}) {
            channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(garbage), serverAddress))
                    .sync();
        }

        assertThat(client.request(request(), serverAddress)
                        .get(10, TimeUnit.SECONDS)
                        .messageClass())
                .isEqualTo(StunClass.SUCCESS);
        assertThat(codec.malformed()).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void silentServerTimesOut(String loopback) throws Exception {
        assumeBindable(loopback);
        InetSocketAddress silent = address(bind(loopback, new StunCodec()));
        StunClientHandler client = new StunClientHandler(1, 3, 2, 10);
        bind(loopback, new StunCodec(), client);

        assertThatThrownBy(() -> client.request(request(), silent).sync())
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("to 3 requests");
    }

    private static void assumeBindable(String loopback) throws UnknownHostException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(loopback))) {
            assertThat(socket.isBound()).isTrue();
        } catch (SocketException e) {
            assumeTrue(false, "this machine has no " + loopback + ": " + e.getMessage());
        }
    }

    private Channel bind(String loopback, ChannelHandler... handlers) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind(loopback, 0)
                .sync()
                .channel();
    }

    private static InetSocketAddress address(Channel channel) {
        return (InetSocketAddress) channel.localAddress();
    }

    private static StunMessage request() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .fingerprint()
                .build();
    }
}
