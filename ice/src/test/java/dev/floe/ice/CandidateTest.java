package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandidateTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 1 udp 2130706431 192.0.2.1 5000 typ host",
                "2 1 udp 1694498815 203.0.113.7 40000 typ srflx raddr 192.0.2.1 rport 5000",
                "x9 1 udp 1862270975 203.0.113.7 40000 typ prflx raddr 192.0.2.1 rport 5000",
                "3 1 udp 2130706175 2001:db8::5 5000 typ host",
                "4 1 udp 16777215 198.51.100.1 49152 typ relay raddr 203.0.113.7 rport 40000"
            })
    void whatIsWrittenIsReadBack(String sdp) {
        Candidate candidate = Candidate.parse(sdp).orElseThrow();

        assertThat(candidate.toSdp()).isEqualTo(sdp);
        assertThat(Candidate.parse(candidate.toSdp())).contains(candidate);
    }

    @Test
    void candidateIsReadInItsParts() {
        Candidate candidate = Candidate.parse("candidate:2 1 UDP 1694498815 203.0.113.7 40000 typ srflx raddr 10.0.0.1 "
                        + "rport 5000 generation 0")
                .orElseThrow();

        assertThat(candidate.foundation()).isEqualTo("2");
        assertThat(candidate.priority()).isEqualTo(1_694_498_815);
        assertThat(candidate.address()).isEqualTo(new InetSocketAddress("203.0.113.7", 40_000));
        assertThat(candidate.type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
        assertThat(candidate.relatedAddress()).isEqualTo(new InetSocketAddress("10.0.0.1", 5000));
    }

    @Test
    void longRandomFoundationIsKept() {
        String foundation = "jZvBxZ8ub0QJrqGMcVVKfd9Xb0QJrqGMcVVKfd9X";

        assertThat(Candidate.parse(foundation + " 1 udp 2130706431 192.0.2.1 5000 typ host"))
                .map(Candidate::foundation)
                .contains(foundation);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 1 tcp 2105458943 192.0.2.1 9 typ host tcptype active",
                "1 2 udp 2130706430 192.0.2.1 5001 typ host",
                "1 0 udp 2130706430 192.0.2.1 5001 typ host",
                "1 1 udp 2130706431 4f1c.local 5000 typ host",
                "1 1 udp 2130706431 fe80::1%eth0 5000 typ host",
                "1 1 udp 2130706431 192.0.2.1 0 typ host",
                "1 1 udp 2130706431 224.0.0.1 5000 typ host",
                "1 1 udp 2130706431 ff02::1 5000 typ host",
                "1 1 udp 2130706431 255.255.255.255 5000 typ host",
                "1 1 udp 2130706431 0.0.0.0 5000 typ host",
                "1 1 udp 2130706431 :: 5000 typ host",
                "1 1 udp 2130706431 192.0.2.1 5000 typ teleport",
                "1 1 udp 0 192.0.2.1 5000 typ host",
                "1 1 udp 4294967295 192.0.2.1 5000 typ host"
            })
    void wellFormedCandidateOfNoUseIsLeftOut(String sdp) {
        assertThat(Candidate.parse(sdp)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "candidate:",
                "1 1 udp 2130706431 192.0.2.1 5000",
                "1 1 udp 2130706431 192.0.2.1 5000 type host",
                "1 one udp 2130706431 192.0.2.1 5000 typ host",
                "1 257 udp 2130706431 192.0.2.1 5000 typ host",
                "1 1 udp 4294967296 192.0.2.1 5000 typ host",
                "1 1 udp 99999999999999999999 192.0.2.1 5000 typ host",
                "1 1 udp -1 192.0.2.1 5000 typ host",
                "1 1 udp ١٢٣ 192.0.2.1 5000 typ host",
                "1 1 udp 2130706431 192.0.2.1 65536 typ host",
                "é 1 udp 2130706431 192.0.2.1 5000 typ host",
                "1 1 udp 2130706431 192.0.2.1 5000 typ srflx raddr 10.0.0.1 rport http"
            })
    void malformedCandidateIsRefused(String sdp) {
        assertThatIllegalArgumentException().isThrownBy(() -> Candidate.parse(sdp));
    }

    @Test
    void overLongCandidateIsRefusedUnread() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Candidate.parse("1 1 udp 2130706431 192.0.2.1 5000 typ host" + " x".repeat(300)))
                .withMessageContaining("characters");
    }

    @Test
    void ipv4MappedAddressIsTheIpv4AddressItMaps() {
        assertThat(Candidate.parse("1 1 udp 2130706431 ::ffff:192.0.2.1 5000 typ host"))
                .map(Candidate::address)
                .contains(new InetSocketAddress("192.0.2.1", 5000));
    }

    @Test
    void unresolvedAddressAndPortZeroAreRefused() {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("host.invalid", 5000);
        InetSocketAddress portless = new InetSocketAddress("192.0.2.1", 0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Candidate("1", 1, unresolved, CandidateType.HOST, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Candidate("1", 1, portless, CandidateType.HOST, null));
    }

    @Test
    void priorityIsThatOfTheFormula() {
        assertThat(Candidate.priority(CandidateType.HOST, 65_535)).isEqualTo(2_130_706_431L);
        assertThat(Candidate.priority(CandidateType.PEER_REFLEXIVE, 65_535)).isEqualTo(1_862_270_975L);
        assertThat(Candidate.priority(CandidateType.RELAYED, 0)).isEqualTo(255);
    }

    @Test
    void pairHasTheSamePriorityOnBothSides() {
        assertThat(CandidatePair.priority(IceRole.CONTROLLING, 100, 7)).isEqualTo((7L << 32) + 200 + 1);
        assertThat(CandidatePair.priority(IceRole.CONTROLLED, 7, 100)).isEqualTo((7L << 32) + 200 + 1);
        assertThat(CandidatePair.priority(IceRole.CONTROLLED, 100, 7)).isEqualTo((7L << 32) + 200);
    }
}
