package dev.floe.demo.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceRole;
import dev.floe.testing.Requirement;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our agent and Chromium's, that of WebRTC, each in either role. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChromiumLoopbackTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetAddress ANY = new InetSocketAddress(0).getAddress();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @TempDir
    private Path userData;

    private Chromium chromium;
    private PeerConnection theirs;

    @BeforeAll
    static void requireChromium() throws InterruptedException {
        Requirement.runs("chromium", Chromium.COMMAND, "--version");
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
        theirs = new PeerConnection(chromium);
        try (FloeAgent ours = new FloeAgent(group, role, LOOPBACK)) {
            exchange(role, ours.describe());
            CandidatePair pair = ours.connect(SdpText.parse(theirs.gathered()));
            assertConnected(ours, role, pair);
            assertThat(pair.remote().type()).isEqualTo(CandidateType.HOST);
            ours.awaitConsent();
        }
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectThoughChromiumHidesItsAddresses(IceRole role) throws Exception {
        assumeDefaultRoute();
        theirs = new PeerConnection(chromium);
        try (FloeAgent ours = new FloeAgent(group, role, ANY)) {
            exchange(role, ours.describe());
            CandidatePair pair = ours.connect(SdpText.parse(theirs.gathered()));
            assertConnected(ours, role, pair);
        }
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectByTrickledCandidatesAlone(IceRole role) throws Exception {
        chromium.grantMicrophone();
        theirs = new PeerConnection(chromium);
        try (FloeAgent ours = new FloeAgent(group, role, LOOPBACK)) {
            IceDescription remote = exchange(role, ours.begin());
            assertThat(remote.candidates()).isEmpty();
            ours.ice().setRemoteDescription(remote);
            trickle(ours);
            assertConnected(ours, role, ours.awaitPair());
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

    /** The offerer controls; so whose offer it is follows from our role. */
    private IceDescription exchange(IceRole role, IceDescription ours) throws IOException {
        if (role == IceRole.CONTROLLING) {
            return SdpText.parse(theirs.answer(sdp(ours, "actpass")));
        }
        List<String> offer = theirs.offer();
        theirs.takeAnswer(sdp(ours, "passive"));
        return SdpText.parse(offer);
    }

    private void trickle(FloeAgent ours) throws Exception {
        for (Optional<Candidate> own = ours.nextCandidate(); own.isPresent(); own = ours.nextCandidate()) {
            theirs.addCandidate(own.get());
        }
        theirs.endOfCandidates();
        for (Optional<String> sdp = theirs.nextCandidate(); sdp.isPresent(); sdp = theirs.nextCandidate()) {
            Candidate.parse(sdp.get()).ifPresent(ours.ice()::addRemoteCandidate);
        }
        ours.ice().endOfRemoteCandidates();
    }

    private void assertConnected(FloeAgent ours, IceRole role, CandidatePair pair) throws Exception {
        assertThat(theirs.roleWhenConnected()).isEqualTo(role == IceRole.CONTROLLING ? "controlled" : "controlling");
        // Chromium is the DTLS client, and its first handshake message comes through as it is.
        assertThat(ours.awaitDatagram()).startsWith(22, 0xfe);
        ours.report(chromium.product(), pair, chromium.log().await("New selected connection"));
    }

    /** Our description within an SDP, with the fingerprint of no certificate. */
    private static List<String> sdp(IceDescription description, String setup) {
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
        return lines;
    }
}
