package dev.floe.demo.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceRole;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.StringNode;

/** Our agent and Chromium's, that of WebRTC, each in either role: the offerer controls. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChromiumLoopbackTest {
    private static final String PEER_CONNECTION = """
            window.pc = new RTCPeerConnection();
            window.gathered = new Promise(done => pc.onicegatheringstatechange =
                () => pc.iceGatheringState == 'complete' && done());
            window.connected = new Promise(done => pc.oniceconnectionstatechange =
                () => ['connected', 'completed'].includes(pc.iceConnectionState) && done());
            """;
    private static final String OFFER = PEER_CONNECTION + """
            pc.createDataChannel('floe');
            await pc.setLocalDescription();
            await gathered;
            return pc.localDescription.sdp;
            """;
    private static final String ANSWER = PEER_CONNECTION + """
            await pc.setRemoteDescription({type: 'offer', sdp: %s});
            await pc.setLocalDescription();
            await gathered;
            return pc.localDescription.sdp;
            """;
    private static final String TAKE_ANSWER = "await pc.setRemoteDescription({type: 'answer', sdp: %s});";
    private static final String AWAIT_ROLE = """
            await connected;
            return [...(await pc.getStats()).values()].find(entry => entry.type == 'transport').iceRole;
            """;

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetAddress ANY = new InetSocketAddress(0).getAddress();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @TempDir
    private Path userData;

    private Chromium chromium;

    @BeforeAll
    static void requireChromium() throws InterruptedException {
        ToolAssumption.assumeRuns("chromium", Chromium.COMMAND, "--version");
    }

    @BeforeEach
    void startChromium() throws IOException {
        chromium = new Chromium(userData);
    }

    @AfterEach
    void stop() throws IOException {
        if (chromium != null) {
            chromium.close();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectOverHostCandidates(IceRole role) throws Exception {
        chromium.grantMicrophone();
        try (FloeAgent ours = new FloeAgent(group, role, LOOPBACK)) {
            CandidatePair pair = connect(ours, role);
            assertThat(pair.remote().type()).isEqualTo(CandidateType.HOST);
            ours.awaitConsent();
        }
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectThoughChromiumHidesItsAddresses(IceRole role) throws Exception {
        assumeDefaultRoute();
        try (FloeAgent ours = new FloeAgent(group, role, ANY)) {
            connect(ours, role);
        }
    }

    /** Without leave to use all interfaces Chromium has the one of the default route, and no candidate if there is none. */
    private static void assumeDefaultRoute() {
        try (DatagramSocket probe = new DatagramSocket()) {
            probe.connect(new InetSocketAddress("203.0.113.1", 9));
        } catch (SocketException e) {
            abort("This machine has no default route: " + e.getMessage());
        }
    }

    private CandidatePair connect(FloeAgent ours, IceRole role) throws Exception {
        IceDescription description = ours.describe();
        IceDescription theirs;
        if (role == IceRole.CONTROLLING) {
            theirs = parse(chromium.run(ANSWER.formatted(quoted(description, "actpass"))));
        } else {
            theirs = parse(chromium.run(OFFER));
            chromium.run(TAKE_ANSWER.formatted(quoted(description, "passive")));
        }
        CandidatePair pair = ours.connect(theirs);
        assertThat(chromium.run(AWAIT_ROLE)).isEqualTo(role == IceRole.CONTROLLING ? "controlled" : "controlling");
        // It is the DTLS client, and its first handshake message comes through as it is.
        assertThat(ours.awaitDatagram()).startsWith(22, 0xfe);
        ours.report(chromium.product(), pair, chromium.log(), "New selected connection");
        return pair;
    }

    /** All candidates are in it, though it says that it can trickle: a half trickle (RFC 8838 §16). */
    private static IceDescription parse(String sdp) {
        List<String> lines = sdp.lines().toList();
        IceDescription description = SdpText.parse(lines);
        Set<String> options = new LinkedHashSet<>(description.options());
        options.add("end-of-candidates");
        return new IceDescription(description.credentials(), null, options, description.candidates());
    }

    /** The SDP around our description, with a certificate that does not exist, as a string in JavaScript. */
    private static String quoted(IceDescription description, String setup) {
        List<String> lines = new ArrayList<>(List.of(
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=-",
                "t=0 0",
                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
                "c=IN IP4 0.0.0.0",
                "a=mid:0",
                "a=sctp-port:5000",
                "a=setup:" + setup,
                "a=fingerprint:sha-256 00" + ":00".repeat(31)));
        lines.addAll(SdpText.of(description));
        return StringNode.valueOf(String.join("\r\n", lines) + "\r\n").toString();
    }
}
