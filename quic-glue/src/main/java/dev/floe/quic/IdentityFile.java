package dev.floe.quic;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/**
 * A {@link PeerIdentity} as a file: its private key and its certificate, PEM (RFC 7468). Reads with the JDK alone, so
 * that a start with an identity at hand loads no class of Bouncy Castle.
 */
final class IdentityFile {

    private static final String KEY = "PRIVATE KEY";
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private IdentityFile() {}

    static PeerIdentity read(Path file) throws IOException {
        String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        try {
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(block(pem, KEY)));
            return new PeerIdentity(certificate(block(pem, CERTIFICATE)), key);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "identity file " + file + " is damaged, expected an EC private key and its certificate in PEM: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Writes a new file at once and whole, or leaves the one that somebody else has written meanwhile. */
    static void create(Path file, PeerIdentity identity) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(folder, file.getFileName().toString(), ".new", ownerOnly(folder));
        try {
            Files.writeString(temporary, pem(identity), StandardCharsets.ISO_8859_1);
            publish(temporary, file);
        } catch (FileAlreadyExistsException e) {
            // Somebody was faster: theirs is the identity.
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("identity without an encoding", e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    static Path defaultPath(String os, Map<String, String> environment, String home) {
        return configFolder(os.toLowerCase(Locale.ROOT), environment, home).resolve(Path.of("floe", "identity.pem"));
    }

    private static Path configFolder(String os, Map<String, String> environment, String home) {
        if (os.startsWith("windows")) {
            String roaming = environment.get("APPDATA");
            return roaming == null ? Path.of(home, "AppData", "Roaming") : Path.of(roaming);
        }
        if (os.startsWith("mac")) {
            return Path.of(home, "Library", "Application Support");
        }
        // The XDG base directory specification has relative paths ignored.
        Path xdg = Path.of(environment.getOrDefault("XDG_CONFIG_HOME", ""));
        return xdg.isAbsolute() ? xdg : Path.of(home, ".config");
    }

    private static FileAttribute<?>[] ownerOnly(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** A link appears at once and never replaces a file, which a move does; some file systems have no links. */
    private static void publish(Path temporary, Path file) throws IOException {
        try {
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(temporary, file);
        }
    }

    private static String pem(PeerIdentity identity) throws GeneralSecurityException {
        return pem(KEY, identity.privateKey().getEncoded())
                + pem(CERTIFICATE, identity.certificate().getEncoded());
    }

    private static String pem(String label, byte[] der) {
        return begin(label) + '\n' + LINES.encodeToString(der) + '\n' + end(label) + '\n';
    }

    private static byte[] block(String pem, String label) {
        int begin = pem.indexOf(begin(label));
        int end = pem.indexOf(end(label), begin + 1);
        if (begin < 0 || end < 0) {
            throw new IllegalArgumentException("no " + label + " block in it");
        }
        return Base64.getMimeDecoder().decode(pem.substring(begin + begin(label).length(), end));
    }

    private static String begin(String label) {
        return "-----BEGIN " + label + "-----";
    }

    private static String end(String label) {
        return "-----END " + label + "-----";
    }
}
