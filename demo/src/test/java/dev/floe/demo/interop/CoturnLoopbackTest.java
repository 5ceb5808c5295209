package dev.floe.demo.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.testing.Coturn;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our STUN client and coturn as a STUN server, over IPv4 and IPv6. */
@Timeout(60)
class CoturnLoopbackTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void bindingRequestIsAnsweredWithTheAddressThatItCameFrom() throws Exception {
        try (Coturn coturn = Coturn.start()) {
            for (InetSocketAddress server : new InetSocketAddress[] {coturn.address(), coturn.addressIpv6()}) {
                assertAnswered(server);
            }
        }
    }

    private void assertAnswered(InetSocketAddress server) throws Exception {
        StunClientHandler client = new StunClientHandler();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), client);
                    }
                })
                .bind(server.getAddress(), 0)
                .sync()
                .channel();
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build();
        StunMessage response = client.request(request, server).get(20, TimeUnit.SECONDS);
        channel.close().sync();

        assertThat(response.is(StunClass.SUCCESS, StunMethod.BINDING)).isTrue();
        assertThat(response.find(StunAttribute.XorMappedAddress.class))
                .map(StunAttribute.XorMappedAddress::address)
                .hasValue(local);
        System.out.println("interop: coturn as STUN server | " + response);
    }
}
