package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Unreliable datagrams over a connection (RFC 9221). */
@Timeout(60)
class DatagramsLoopbackTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final LoopbackPeers peers = new LoopbackPeers();
    private final CompletableFuture<String> heard = new CompletableFuture<>();
    private final CompletableFuture<Integer> maxLength = new CompletableFuture<>();

    @AfterEach
    void stop() {
        peers.close();
    }

    @Test
    void datagramGoesThereAndBack() throws Exception {
        peers.alice.datagramHandler(Echo::new);
        peers.bob.datagramHandler(this::hearing);
        peers.offer();

        QuicChannel client = peers.answer().get();
        client.writeAndFlush(text("ping")).sync();

        assertThat(heard).succeedsWithin(SOON).isEqualTo("ping");
        assertThat(maxLength)
                .succeedsWithin(SOON)
                .satisfies(length -> assertThat(length).isGreaterThan(1_000));
        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
    }

    @Test
    void datagramCannotBeSentToASideThatTakesNone() throws Exception {
        peers.bob.datagramHandler(this::hearing);
        peers.offer();

        QuicChannel client = peers.answer().get();

        assertThat(LoopbackPeers.ask(client, "Hello!")).isEqualTo("Hello!");
        assertThat(maxLength).isNotDone();
        assertThat(client.writeAndFlush(text("ping")).await().isSuccess()).isFalse();
    }

    private ChannelHandler hearing() {
        return new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf datagram) {
                heard.complete(datagram.toString(StandardCharsets.UTF_8));
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof QuicDatagramExtensionEvent extension) {
                    maxLength.complete(extension.maxLength());
                }
                ctx.fireUserEventTriggered(event);
            }
        };
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf datagram) {
                ctx.writeAndFlush(datagram);
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }
}
