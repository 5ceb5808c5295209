package dev.floe.quic;

import static dev.floe.quic.LoopbackPeers.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.testing.NioLoops;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PeerPortLoopbackTest {

    private final EventLoopGroup loops = NioLoops.create(2);
    private PeerPort port;

    @BeforeEach
    void bind() throws Exception {
        port = PeerPort.bind(PeerConfig.builder(loops, LoopbackPeers.ALICE)
                        .streamHandler(Echo::new)
                        .build())
                .get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        port.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void severalPeersAreMetAtOnePort() throws Exception {
        List<Future<QuicChannel>> offered = new ArrayList<>();
        List<Future<QuicChannel>> answered = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            InMemoryExchange signaling = new InMemoryExchange();
            offered.add(port.offer(signaling::offer));
            answered.add(PeerConnection.answer(
                    PeerConfig.builder(loops, LoopbackPeers.BOB).build(), signaling::answer));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(ask(answered.get(i).get(15, TimeUnit.SECONDS), "Hello " + i))
                    .isEqualTo("Hello " + i);
            assertThat(offered.get(i).get(15, TimeUnit.SECONDS).isActive()).isTrue();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
