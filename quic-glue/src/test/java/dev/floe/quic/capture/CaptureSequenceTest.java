package dev.floe.quic.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.quic.capture.CapturedFile.Header;
import dev.floe.quic.capture.CapturedFile.Interface;
import dev.floe.quic.capture.CapturedFile.Packet;
import dev.floe.quic.capture.CapturedFile.Secret;
import dev.floe.quic.capture.CapturedFile.Statistics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaptureSequenceTest {

    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1000);
    private static final InetSocketAddress THERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2000);
    private static final byte STUN = 1;
    private static final byte INITIAL = (byte) 0xC0;
    private static final byte SHORT = 0x40;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final CaptureInterface wire = new CaptureInterface(0, "wire", "");
    private final HandshakeSecrets secrets = new HandshakeSecrets();
    private final Pcapng pcapng = new Pcapng(out);
    private long now = Long.MAX_VALUE - 10;
    private final CaptureSequence sequence = new CaptureSequence(pcapng, () -> now);

    @BeforeEach
    void begin() throws IOException {
        pcapng.sectionHeader("floe");
        sequence.write(new CaptureRecord.Interface(wire));
    }

    @Test
    void secretsStandBeforeTheDatagramsThatMadeThemAndNothingElseIsReordered() throws IOException {
        datagram(STUN, secrets);
        datagram(INITIAL, secrets);
        datagram(STUN, secrets);
        datagram(INITIAL, secrets);
        secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET");
        datagram(SHORT, secrets);
        secret("CLIENT_TRAFFIC_SECRET_0");
        secret("SERVER_TRAFFIC_SECRET_0");
        datagram(INITIAL, secrets);

        assertThat(kinds())
                .containsExactly(
                        "header",
                        "wire",
                        "1",
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                        "CLIENT_TRAFFIC_SECRET_0",
                        "SERVER_TRAFFIC_SECRET_0",
                        "192",
                        "1",
                        "192",
                        "64",
                        "192");
    }

    @Test
    void handshakeThatDoesNotEndHoldsTheFileUpForFiveSeconds() throws IOException {
        datagram(INITIAL, secrets);

        assertThat(sequence.idle()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
        assertThat(kinds()).containsExactly("header", "wire");
        now += TimeUnit.SECONDS.toNanos(5);
        assertThat(sequence.idle()).isEqualTo(Long.MAX_VALUE);
        assertThat(kinds()).containsExactly("header", "wire", "192");
        datagram(INITIAL, secrets);
        assertThat(kinds()).containsExactly("header", "wire", "192", "192");
    }

    @Test
    void handshakeOfAnotherConnectionIsWaitedForToo() throws IOException {
        HandshakeSecrets other = new HandshakeSecrets();
        datagram(INITIAL, secrets);
        datagram(INITIAL, other);
        secret("CLIENT_TRAFFIC_SECRET_0");
        secret("SERVER_TRAFFIC_SECRET_0");

        assertThat(CapturedFile.of(out.toByteArray()).packets()).isEmpty();
        sequence.write(new CaptureRecord.Secret("SERVER_TRAFFIC_SECRET_0 00 00", other));
        sequence.write(new CaptureRecord.Secret("CLIENT_TRAFFIC_SECRET_0 00 00", other));
        assertThat(CapturedFile.of(out.toByteArray()).packets()).hasSize(2);
    }

    @Test
    void fourMebibytesAreTheMostThatWaits() throws IOException {
        datagram(INITIAL, secrets);
        for (int i = 0; i < 4 << 10; i++) {
            sequence.write(record(ByteBuffer.allocate(1 << 10), secrets));
        }

        assertThat(CapturedFile.of(out.toByteArray()).packets()).hasSize(1 + (4 << 10));
    }

    @Test
    void closeWritesWhatWaitsAndHowMuchIsMissing() throws IOException {
        datagram(INITIAL, secrets);
        wire.drop();
        wire.drop();
        sequence.close();

        CapturedFile file = CapturedFile.of(out.toByteArray());
        assertThat(file.packets()).hasSize(1);
        assertThat(file.statistics()).containsExactly(new Statistics(0, 3, 2));
    }

    private void datagram(byte first, HandshakeSecrets of) throws IOException {
        sequence.write(record(ByteBuffer.wrap(new byte[] {first}), of));
    }

    private CaptureRecord record(ByteBuffer payload, HandshakeSecrets of) {
        return new CaptureRecord.Datagram(wire, 1, true, HERE, THERE, payload, of);
    }

    private void secret(String label) throws IOException {
        sequence.write(new CaptureRecord.Secret(label + " 00 00", secrets));
    }

    private List<String> kinds() {
        return CapturedFile.of(out.toByteArray()).blocks().stream()
                .map(CaptureSequenceTest::kind)
                .toList();
    }

    private static String kind(CapturedFile.Block block) {
        if (block instanceof Packet packet) {
            return String.valueOf(packet.payload().get(0) & 0xFF);
        } else if (block instanceof Secret secret) {
            return secret.label();
        } else if (block instanceof Interface added) {
            return added.name();
        }
        return block instanceof Header ? "header" : "statistics";
    }
}
