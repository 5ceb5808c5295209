package dev.floe.signaling;

import static dev.floe.signaling.SignalingFixture.await;
import static dev.floe.signaling.SignalingFixture.failure;
import static dev.floe.signaling.SignalingFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server's own {@code wss}, from PEM files. */
class TlsLoopbackTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    Path folder;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private SignalingServerConfig.Tls files;

    @BeforeEach
    void writeFiles() throws Exception {
        files = new SignalingServerConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        write("first");
    }

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 20, TimeUnit.SECONDS).sync();
    }

    @Test
    void newCertificateIsServedAndClientsStay() throws Exception {
        SignalingServer server = await(start());
        System.setProperty(
                "javax.net.ssl.trustStore", folder.resolve("first.p12").toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        try {
            URI uri = URI.create("wss://localhost:" + server.address().getPort());
            SignalingClient client = await(SignalingClient.joinRoom(group, uri, "room"));
            assertThat(servedName(server)).isEqualTo("CN=first");

            write("second");
            until(() -> servedName(server).equals("CN=second"));
            assertThat(client.closed().isDone()).isFalse();
            client.close();
            await(client.closed());
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
        server.close();
        await(server.closed());
    }

    @Test
    void filesThatMakeNoSenseAreRefusedAtTheStartAndIgnoredLater() throws Exception {
        SignalingServer server = await(start());
        Files.writeString(files.certificates(), "nonsense");
        assertThat(failure(start()))
                .isInstanceOfSatisfying(
                        SignalingException.class, e -> assertThat(e.code()).isEqualTo("io"))
                .hasMessageContaining("is of no use: ");
        assertThat(servedName(server)).isEqualTo("CN=first");

        write("second");
        until(() -> servedName(server).equals("CN=second"));
        server.close();
        await(server.closed());
    }

    private Future<SignalingServer> start() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return SignalingServer.start(
                group, SignalingServerConfig.builder(address).tls(files).build());
    }

    /** A key and its certificate, in the files and in a key store. */
    private void write(String name) throws Exception {
        Path keyStore = folder.resolve(name + ".p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "localhost",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:localhost",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD);
        assertThat(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Certificate certificate = store.getCertificate("localhost");
        byte[] key = store.getKey("localhost", PASSWORD.toCharArray()).getEncoded();
        Files.writeString(files.key(), pem("PRIVATE KEY", key));
        Files.writeString(files.certificates(), pem("CERTIFICATE", certificate.getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    private static String servedName(SignalingServer server) {
        try {
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, new TrustManager[] {new TrustsAll()}, null);
            try (SSLSocket socket = (SSLSocket) trusting.getSocketFactory()
                    .createSocket(
                            InetAddress.getLoopbackAddress(), server.address().getPort())) {
                X509Certificate served = (X509Certificate) socket.getSession().getPeerCertificates()[0];
                return served.getSubjectX500Principal().getName();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
