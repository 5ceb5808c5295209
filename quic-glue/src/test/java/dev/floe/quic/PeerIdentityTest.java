package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdentityTest {

    private static final String HEX = "0123456789abcdef".repeat(4);

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void chooseFile() {
        file = folder.resolve("identity.pem");
    }

    @Test
    void generatedCertificateIsSelfSignedWithP256AndValidForYears() throws Exception {
        X509Certificate certificate = PeerIdentity.generate().certificate();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(((ECPublicKey) certificate.getPublicKey()).getParams().toString())
                .contains("secp256r1");
        assertThat(certificate.getSubjectX500Principal()).isEqualTo(certificate.getIssuerX500Principal());
        certificate.checkValidity(Date.from(Instant.now().minus(23, ChronoUnit.HOURS)));
        certificate.checkValidity(Date.from(Instant.now().plus(19 * 365, ChronoUnit.DAYS)));
    }

    @Test
    void eachGeneratedIdentityHasItsOwnSerialNumberAndKey() {
        PeerIdentity one = PeerIdentity.generate();
        PeerIdentity other = PeerIdentity.generate();
        assertThat(one.certificate().getSerialNumber())
                .isPositive()
                .isNotEqualTo(other.certificate().getSerialNumber());
        assertThat(one.privateKey()).isNotEqualTo(other.privateKey());
    }

    @Test
    void fingerprintIsTheSha256OfTheCertificate() throws Exception {
        PeerIdentity identity = PeerIdentity.generate();
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(identity.certificate().getEncoded());
        assertThat(identity.fingerprint())
                .isEqualTo(HexFormat.of().formatHex(digest))
                .matches("[0-9a-f]{64}");
    }

    @Test
    void printedIdentityDoesNotShowItsKey() {
        PeerIdentity identity = PeerIdentity.generate();
        assertThat(identity).hasToString("PeerIdentity[" + identity.fingerprint() + "]");
    }

    @Test
    void createdIdentityIsTheOneThatIsLoadedLater() throws Exception {
        PeerIdentity created = PeerIdentity.loadOrCreate(file);
        PeerIdentity loaded = PeerIdentity.load(file);
        assertThat(loaded.certificate()).isEqualTo(created.certificate());
        assertThat(loaded.privateKey()).isEqualTo(created.privateKey());
        assertThat(PeerIdentity.loadOrCreate(file).fingerprint()).isEqualTo(created.fingerprint());
    }

    @Test
    void loadedPrivateKeyBelongsToTheLoadedCertificate() throws Exception {
        PeerIdentity identity = PeerIdentity.loadOrCreate(file);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(identity.privateKey());
        signature.update(new byte[] {1, 2, 3});
        byte[] signed = signature.sign();
        signature.initVerify(identity.certificate());
        signature.update(new byte[] {1, 2, 3});
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void createdFileIsForItsOwnerOnlyAndTheOnlyOneLeft() throws Exception {
        Path nested = folder.resolve("not").resolve("there").resolve("identity.pem");
        PeerIdentity.loadOrCreate(nested);
        try (var files = Files.list(nested.getParent())) {
            assertThat(files).containsExactly(nested);
        }
        if (nested.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(Files.getPosixFilePermissions(nested))
                    .isEqualTo(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        }
    }

    @Test
    void identityIsLoadedWithoutBouncyCastle() throws Exception {
        PeerIdentity created = PeerIdentity.loadOrCreate(file);
        URL[] onlyFloe = {
            PeerIdentity.class.getProtectionDomain().getCodeSource().getLocation()
        };
        try (URLClassLoader loader = new URLClassLoader(onlyFloe, ClassLoader.getPlatformClassLoader())) {
            Class<?> isolated = loader.loadClass(PeerIdentity.class.getName());
            Object loaded = isolated.getMethod("load", Path.class).invoke(null, file);
            assertThat(loaded).hasToString(created.toString());
        }
    }

    @Test
    void manyWhoCreateTheSameFileAtOnceAllGetTheSameIdentity() throws Exception {
        int threads = 8;
        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<String> creator = () -> {
            start.await();
            return PeerIdentity.loadOrCreate(file).fingerprint();
        };
        Set<String> fingerprints = new HashSet<>();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (Future<String> fingerprint : executor.invokeAll(
                    List.of(creator, creator, creator, creator, creator, creator, creator, creator))) {
                fingerprints.add(fingerprint.get());
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(fingerprints).containsExactly(PeerIdentity.load(file).fingerprint());
    }

    @Test
    void absentFileIsReportedAsAbsent() {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> PeerIdentity.load(file))
                .withMessageContaining(file.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no PEM at all",
                "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                "-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n",
                """
                -----BEGIN PRIVATE KEY-----
                AAAA
                -----END PRIVATE KEY-----
                -----BEGIN CERTIFICATE-----
                AAAA
                -----END CERTIFICATE-----
                """
            })
    void damagedFileIsRefusedByNameAndLeftAlone(String content) throws IOException {
        Files.writeString(file, content);
        assertThatIOException()
                .isThrownBy(() -> PeerIdentity.loadOrCreate(file))
                .withMessageContaining(file.toString());
        assertThat(file).hasContent(content);
    }

    @Test
    void truncatedFileIsRefusedWhereverItEnds() throws IOException {
        PeerIdentity.loadOrCreate(file);
        byte[] whole = Files.readAllBytes(file);
        Path truncated = folder.resolve("truncated.pem");
        int endOfLastMark = whole.length - 1;
        for (int length = 0; length < endOfLastMark; length += 7) {
            Files.write(truncated, Arrays.copyOf(whole, length));
            assertThatIOException().isThrownBy(() -> PeerIdentity.load(truncated));
        }
    }

    @Test
    void certificateWithoutItsKeyIsRefused() throws IOException {
        PeerIdentity.loadOrCreate(file);
        String pem = Files.readString(file);
        Files.writeString(file, pem.substring(pem.indexOf("-----BEGIN CERTIFICATE")));
        assertThatIOException().isThrownBy(() -> PeerIdentity.load(file)).withMessageContaining("no PRIVATE KEY block");
    }

    @Test
    void pastedFingerprintBecomesCanonical() {
        String colons = HEX.replaceAll("..(?!$)", "$0:");
        assertThat(PeerIdentity.parseFingerprint(HEX)).isEqualTo(HEX);
        assertThat(PeerIdentity.parseFingerprint(colons.toUpperCase(Locale.ROOT)))
                .isEqualTo(HEX);
        assertThat(PeerIdentity.parseFingerprint("  " + colons + "\n")).isEqualTo(HEX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "abc", "zz", "0123456789abcdef", "SHA256"})
    void whatIsNoFingerprintIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerIdentity.parseFingerprint(text))
                .withMessageContaining("expected 64 hexadecimal digits");
        assertThatIllegalArgumentException().isThrownBy(() -> PeerIdentity.parseFingerprint(HEX + text + "0"));
    }

    @Test
    void defaultPathIsWhereThePlatformKeepsConfiguration() {
        Map<String, String> nothing = Map.of();
        assertThat(IdentityFile.defaultPath("Linux", nothing, "/home/u"))
                .hasToString("/home/u/.config/floe/identity.pem");
        assertThat(IdentityFile.defaultPath("Linux", Map.of("XDG_CONFIG_HOME", "/x"), "/home/u"))
                .hasToString("/x/floe/identity.pem");
        assertThat(IdentityFile.defaultPath("Linux", Map.of("XDG_CONFIG_HOME", "relative"), "/home/u"))
                .hasToString("/home/u/.config/floe/identity.pem");
        assertThat(IdentityFile.defaultPath("Mac OS X", nothing, "/Users/u"))
                .hasToString("/Users/u/Library/Application Support/floe/identity.pem");
        assertThat(IdentityFile.defaultPath("Windows 11", Map.of("APPDATA", "/roaming"), "/u"))
                .hasToString("/roaming/floe/identity.pem");
        assertThat(PeerIdentity.defaultPath()).endsWithRaw(Path.of("floe", "identity.pem"));
    }
}
