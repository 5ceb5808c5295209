package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingServer;
import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import dev.floe.testing.Coturn;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path SNIPPETS = Path.of("src/test/java/dev/floe/demo/readme/ReadmeSnippets.java");
    private static final Pattern SNIPPET = Pattern.compile(" *// snippet: (\\S+)\n(.*?) *// end\n", Pattern.DOTALL);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void theReadmeShowsTheSnippetThatIsTested(String snippet) throws IOException {
        assertThat(Files.readString(README)).contains("```java\n" + snippet + "```\n");
    }

    @Test
    void theTenLinesConnectAndSayHello() throws Exception {
        SignalingServer server = ReadmeSnippets.serveSignaling(group).get();
        Channel stun = ReadmeSnippets.serveStun(group);
        URI uri = URI.create("ws://localhost:" + server.address().getPort());
        Promise<String> heard = group.next().newPromise();
        SignalingClient offering =
                SignalingClient.joinRoom(group, uri, "my-room").get();
        PeerConfig config = PeerConfig.builder(group, PeerIdentity.generate())
                .streamHandler(() -> new Hearing(heard))
                .build();
        Future<QuicChannel> offered = PeerConnection.offer(config, offering::trickle);
        QuicChannel connection = ReadmeSnippets.connect(group, uri, loopback(stun), new ChannelInboundHandlerAdapter());
        assertThat(heard.get()).isEqualTo("Hello!");
        connection.close().sync();
        offered.get().closeFuture().sync();
        offering.close();
        stun.close().sync();
        server.close();
        server.closed().sync();
    }

    @Test
    void theStunClientLearnsItsAddress() throws Exception {
        Channel server = ReadmeSnippets.serveStun(group);
        assertThat(ReadmeSnippets.askStun(group, loopback(server)).getAddress())
                .isEqualTo(InetAddress.getLoopbackAddress());
        server.close().sync();
    }

    @Test
    void aDatagramGoesThroughARelay() throws Exception {
        try (Coturn coturn = Coturn.start();
                DatagramSocket peer = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            TurnServer server = new TurnServer(coturn.address(), TurnTransport.UDP, Coturn.USERNAME, Coturn.PASSWORD);
            Channel channel = ReadmeSnippets.relay(group, server, (InetSocketAddress) peer.getLocalSocketAddress());
            java.net.DatagramPacket heard = new java.net.DatagramPacket(new byte[16], 16);
            peer.receive(heard);
            assertThat(new String(heard.getData(), 0, heard.getLength(), StandardCharsets.UTF_8))
                    .isEqualTo("Hi!");
            assertThat(heard.getPort()).isNotEqualTo(loopback(channel).getPort());
            channel.close().sync();
        }
    }

    @Test
    void twoChannelsFindEachOtherByIceAndCanBeSwapped() throws Exception {
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        CompletableFuture<Channel> offering =
                CompletableFuture.supplyAsync(() -> ice(IceRole.CONTROLLING, offer, answer));
        Channel b = ice(IceRole.CONTROLLED, answer, offer);
        Channel a = offering.get();
        assertThat(selectedPort(a)).isEqualTo(loopback(b).getPort());
        assertThat(selectedPort(b)).isEqualTo(loopback(a).getPort());
        ReadmeSnippets.swap(
                a,
                a.pipeline().get(IceHandler.class),
                QuicSslContextBuilder.forClient().applicationProtocols("x").build());
        assertThat(a.pipeline().names()).anyMatch(name -> name.startsWith("QuicSwapHandler"));
        a.close().sync();
        b.close().sync();
    }

    static Stream<String> snippets() throws IOException {
        return SNIPPET.matcher(Files.readString(SNIPPETS))
                .results()
                .map((MatchResult match) -> match.group(2).stripTrailing().stripIndent() + "\n");
    }

    private Channel ice(IceRole role, Promise<IceDescription> ours, Promise<IceDescription> theirs) {
        try {
            return ReadmeSnippets.ice(group, role, local -> {
                ours.setSuccess(local);
                return theirs;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int selectedPort(Channel channel) throws Exception {
        IceHandler ice = channel.pipeline().get(IceHandler.class);
        return ice.connected().get().remoteAddress().getPort();
    }

    private static InetSocketAddress loopback(Channel channel) {
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static final class Hearing extends SimpleChannelInboundHandler<ByteBuf> {
        private final Promise<String> heard;

        Hearing(Promise<String> heard) {
            this.heard = heard;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
            heard.trySuccess(content.toString(StandardCharsets.UTF_8));
        }
    }
}
