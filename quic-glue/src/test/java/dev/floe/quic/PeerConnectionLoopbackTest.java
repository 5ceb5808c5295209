package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PeerConnectionLoopbackTest {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final PeerIdentity alice = PeerIdentity.generate();
    private final PeerIdentity bob = PeerIdentity.generate();
    private final InMemoryExchange signaling = new InMemoryExchange();

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void twoPeersConnectAndEcho() throws Exception {
        PeerConfig offerer = PeerConfig.builder(group, alice)
                .streamHandler(PeerConnectionLoopbackTest::echo)
                .build();
        Future<QuicChannel> offered = PeerConnection.offer(offerer, signaling::offer);
        Future<QuicChannel> answered =
                PeerConnection.answer(PeerConfig.builder(group, bob).build(), signaling::answer);
        QuicChannel client = answered.sync().getNow();
        assertThat(offered.sync().getNow().isActive()).isTrue();
        assertThat(ask(client, "Hello!")).isEqualTo("Hello!");
        client.close().sync();
    }

    private String ask(QuicChannel client, String message) throws InterruptedException {
        Promise<String> answer = client.eventLoop().newPromise();
        QuicStreamChannel stream = client.createStream(
                        QuicStreamType.BIDIRECTIONAL, new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
                                answer.trySuccess(content.toString(StandardCharsets.UTF_8));
                            }
                        })
                .sync()
                .getNow();
        stream.writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8));
        return answer.sync().getNow();
    }

    private static ChannelInboundHandlerAdapter echo() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message);
            }
        };
    }
}
