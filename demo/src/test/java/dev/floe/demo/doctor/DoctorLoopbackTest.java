package dev.floe.demo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.report.Event;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunDatagram;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the doctor leaves behind. */
class DoctorLoopbackTest {
    private static final InetSocketAddress RELAYED = new InetSocketAddress("192.0.2.1", 50_000);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger released = new AtomicInteger();

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void allocationIsGivenBack() throws InterruptedException {
        InetSocketAddress address = (InetSocketAddress) turnServer().localAddress();
        TurnServer server = new TurnServer(address, TurnTransport.UDP, "alice", "secret");

        Event.Diagnosis diagnosis = new Doctor(group, Duration.ofSeconds(10)).diagnose(List.of(), List.of(server));
        assertThat(diagnosis.turn()).singleElement().matches(Event.Turn::ok);
        assertThat(released).hasValue(1);
    }

    /** One that relays nothing, and asks nobody for credentials. */
    private Channel turnServer() throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), new Granting());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    private final class Granting extends SimpleChannelInboundHandler<StunDatagram> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, StunDatagram datagram) {
            StunMessage request = datagram.content();
            StunMessage.Builder response = StunMessage.success(request);
            if (request.method().equals(StunMethod.ALLOCATE)) {
                response.add(new XorRelayedAddress(RELAYED)).add(new XorMappedAddress(datagram.sender()));
            } else if (request.find(Lifetime.class)
                    .filter(new Lifetime(0)::equals)
                    .isPresent()) {
                released.incrementAndGet();
            }
            ctx.writeAndFlush(new StunDatagram(response.build(), datagram.sender(), null));
        }
    }
}
