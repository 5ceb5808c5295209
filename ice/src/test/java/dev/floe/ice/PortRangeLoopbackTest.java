package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class PortRangeLoopbackTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final EventLoopGroup group = NioLoops.create(1);
    private final Bootstrap bootstrap =
            new Bootstrap().group(group).channel(NioDatagramChannel.class).handler(new ChannelInboundHandlerAdapter());

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void channelIsBoundToAPortOfTheRange() {
        Channel channel = new PortRange(40_000, 40_999)
                .bind(bootstrap, LOOPBACK)
                .syncUninterruptibly()
                .channel();

        InetSocketAddress address = (InetSocketAddress) channel.localAddress();
        assertThat(address.getAddress()).isEqualTo(LOOPBACK);
        assertThat(address.getPort()).isBetween(40_000, 40_999);
    }

    @Test
    void portThatIsTakenIsPassedOver() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK)) {
            int port = taken.getLocalPort();
            PortRange range = new PortRange(Math.max(1, port - 5), Math.min(0xffff, port + 5));

            for (int i = 0; i < 5; i++) {
                Channel channel = range.bind(bootstrap.clone().handler(new ChannelInboundHandlerAdapter()), LOOPBACK)
                        .syncUninterruptibly()
                        .channel();
                assertThat(((InetSocketAddress) channel.localAddress()).getPort())
                        .isBetween(range.first(), range.last())
                        .isNotEqualTo(port);
            }
        }
    }

    @Test
    void rangeWithoutAFreePortSaysSoAndClosesTheChannel() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK)) {
            int port = taken.getLocalPort();
            ChannelFuture bound = new PortRange(port, port).bind(bootstrap, LOOPBACK);

            assertThatThrownBy(bound::sync)
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("no port from " + port);
            assertThat(bound.channel().closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 10", "10, 9", "10, 65536", "-1, 5"})
    void rangeThatIsNoneIsRefused(int first, int last) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PortRange(first, last))
                .withMessageContaining("expected a range");
    }
}
