package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's {@code wss}, against a server behind a proxy that ends TLS. */
class SecureLoopbackTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    Path folder;

    private SignalingFixture fixture;
    private Path keyStore;
    private Channel proxy;

    @BeforeEach
    void start() throws Exception {
        fixture = new SignalingFixture();
        keyStore = folder.resolve("localhost.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "localhost",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost");
        proxy = startProxy();
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close().sync();
        fixture.stop();
    }

    @Test
    void certificateThatTheJdkDoesNotTrustIsRefusedInOneLine() throws Exception {
        Throwable cause = failure(SignalingClient.joinRoom(fixture.group, uri("localhost"), "room"));

        assertThat(cause)
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("signaling-lost"))
                .hasMessageContaining("signaling server " + uri("localhost") + " fails TLS: ");
        assertThat(cause.getMessage().lines()).hasSize(1);
    }

    @Test
    void certificateThatTheJdkTrustsIsAcceptedForItsHostAlone() throws Exception {
        System.setProperty("javax.net.ssl.trustStore", keyStore.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        try {
            SignalingClient client = await(SignalingClient.joinRoom(fixture.group, uri("localhost"), "room"));
            client.close();
            await(client.closed());
            assertThat(failure(SignalingClient.joinRoom(fixture.group, uri("127.0.0.1"), "room")))
                    .hasMessageContaining(" fails TLS: ");
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    private URI uri(String host) {
        return URI.create("wss://" + host + ":" + ((InetSocketAddress) proxy.localAddress()).getPort());
    }

    private Channel startProxy() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD.toCharArray());
        SslContext tls = SslContextBuilder.forServer(keyManagers).build();
        return new ServerBootstrap()
                .group(fixture.group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) throws Exception {
                        client.config().setAutoRead(false);
                        new Bootstrap()
                                .group(client.eventLoop())
                                .channel(NioSocketChannel.class)
                                .handler(new Forwarder(client))
                                .connect(fixture.server.address())
                                .addListener((ChannelFutureListener) connected -> {
                                    client.pipeline()
                                            .addLast(tls.newHandler(client.alloc()))
                                            .addLast(new Forwarder(connected.channel()));
                                    client.config().setAutoRead(true);
                                });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private void keytool(String... arguments) throws Exception {
        ProcessBuilder keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        keytool.command().addAll(List.of(arguments));
        keytool.command().addAll(List.of("-keystore", keyStore.toString(), "-storepass", PASSWORD));
        assertThat(keytool.redirectErrorStream(true).start().waitFor()).isZero();
    }

    private static final class Forwarder extends ChannelInboundHandlerAdapter {

        private final Channel other;

        Forwarder(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            other.writeAndFlush(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            other.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
