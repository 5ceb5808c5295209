package dev.floe.signaling.server;

import dev.floe.signaling.SignalingServerConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's certificate from PEM files. They are looked at each second, on a thread of their own, and read again when
 * one has changed: new connections get the new certificate, and those that stand are left alone. Files that make no
 * sense, as while they are being written, change nothing.
 */
public final class TlsCertificate implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TlsCertificate.class);
    private static final long LOOK_SECONDS = 1;

    private final SignalingServerConfig.Tls files;
    private final Future<?> looking;
    private List<String> seen;
    private volatile SslContext current;

    private TlsCertificate(SignalingServerConfig.Tls files) throws IOException {
        this.files = files;
        seen = look();
        current = read();
        looking = GlobalEventExecutor.INSTANCE.scheduleWithFixedDelay(
                this::readAgainIfChanged, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be read or do not belong together
     */
    public static TlsCertificate load(SignalingServerConfig.Tls files) throws IOException {
        return new TlsCertificate(files);
    }

    /** Any thread. */
    SslContext current() {
        return current;
    }

    /** Looks at the files no more. */
    @Override
    public void close() {
        looking.cancel(false);
    }

    private void readAgainIfChanged() {
        try {
            List<String> now = look();
            if (!now.equals(seen)) {
                current = read();
                seen = now;
                log.info("read the certificate {} again", files.certificates());
            }
        } catch (IOException e) {
            log.warn("keeping the old certificate: {}", e.getMessage());
        }
    }

    private List<String> look() throws IOException {
        return List.of(
                Files.getLastModifiedTime(files.certificates()) + " " + Files.size(files.certificates()),
                Files.getLastModifiedTime(files.key()) + " " + Files.size(files.key()));
    }

    private SslContext read() throws IOException {
        try {
            return SslContextBuilder.forServer(
                            files.certificates().toFile(), files.key().toFile())
                    .sslProvider(SslProvider.JDK)
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException(
                    "certificate " + files.certificates() + " with key " + files.key() + " is of no use: "
                            + e.getMessage(),
                    e);
        }
    }
}
