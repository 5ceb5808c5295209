package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandidateTest {

    private static final String MDNS_NAME = "2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.local";

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=candidate:842163049 1 udp 1677729535 203.0.113.7 40678 typ srflx raddr 0.0.0.0 rport 0 generation 0 "
                        + "ufrag EEtu network-id 3 network-cost 10",
                "candidate:842163049 1 UDP 1677729535 203.0.113.7 40678 typ srflx raddr 0.0.0.0 rport 0 ufrag EEtu",
                "842163049 1 udp 1677729535 203.0.113.7 40678 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EEtu "
                        + "x-unknown",
                "842163049 1 udp 1677729535 203.0.113.7 40678 TYP SRFLX generation 0 RADDR 0.0.0.0 RPORT 0 ufrag EEtu\r\n"
            })
    void whatOthersAddChangesNothing(String sdp) {
        assertThat(Candidate.parse(sdp))
                .contains(new Candidate(
                        "842163049",
                        1_677_729_535,
                        new InetSocketAddress("203.0.113.7", 40_678),
                        CandidateType.SERVER_REFLEXIVE,
                        new InetSocketAddress("0.0.0.0", 0),
                        "EEtu"));
    }

    @Test
    void relatedAddressThatIsNoneOfOursIsLeftOut() {
        assertThat(Candidate.parse("1 1 udp 2130706431 192.0.2.1 5000 typ srflx raddr nowhere.example rport 9"))
                .map(Candidate::relatedAddress)
                .isEmpty();
        assertThat(Candidate.parse("1 1 udp 2130706431 192.0.2.1 5000 typ srflx raddr fe80::1%3 rport 9"))
                .map(Candidate::relatedAddress)
                .isEmpty();
    }

    @Test
    void mdnsNameIsKeptUntilItIsResolved() throws Exception {
        String sdp = "1 1 udp 2130706431 " + MDNS_NAME + " 5000 typ host";
        Candidate named = Candidate.parse(sdp).orElseThrow();
        Candidate resolved = named.resolved(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}));

        assertThat(named.isMdns()).isTrue();
        assertThat(named.address().isUnresolved()).isTrue();
        assertThat(named.toSdp()).isEqualTo(sdp);
        assertThat(resolved.isMdns()).isTrue();
        assertThat(resolved.address()).isEqualTo(new InetSocketAddress("10.0.0.1", 5000));
        assertThat(resolved.host()).isEqualTo("10.0.0.1");
        assertThat(Candidate.parse("1 1 udp 2130706431 10.0.0.1 5000 typ host"))
                .get()
                .matches(candidate -> !candidate.isMdns());
    }

    @Test
    void whateverIsWrittenIsReadBack() {
        SplittableRandom random = seeded();
        for (int i = 0; i < 10_000; i++) {
            Candidate candidate = randomCandidate(random);

            assertThat(Candidate.parse(candidate.toSdp())).contains(candidate);
            assertThat(candidate.toSdp())
                    .matches("[A-Za-z0-9+/]{1,32} 1 udp [0-9]{1,10} [0-9a-f.:]+ [0-9]+ typ [a-z]+"
                            + "( raddr [0-9a-f.:]+ rport [0-9]+)?( ufrag [!-~]+)?");
        }
    }

    @Test
    void hostileTextThrowsNothingButWhatIsDocumented() {
        SplittableRandom random = seeded();
        for (int i = 0; i < 20_000; i++) {
            String hostile = mutated(randomCandidate(random).toSdp(), random);
            try {
                Candidate.parse(hostile)
                        .ifPresent(candidate ->
                                assertThat(Candidate.parse(candidate.toSdp())).contains(candidate));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
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
                "1 1 TCP 2105458943 192.0.2.1 0 typ host tcptype passive generation 0",
                "1 1 udp 2130706431 4f1c.local 5000 typ host",
                "1 1 udp 2130706431 printer.local 5000 typ host",
                "1 1 udp 2130706431 2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.lan.local 5000 typ host",
                "1 1 udp 2130706431 peer.example.org 5000 typ host",
                "1 1 udp 2130706431 fe80::1%eth0 5000 typ host",
                "1 1 udp 2130706431 fe80::1 5000 typ host",
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
                "1 1 udp 2130706431 192.0.2.1 5000 typ host ufrag é",
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

    private static SplittableRandom seeded() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    private static Candidate randomCandidate(SplittableRandom random) {
        List<CandidateType> types = List.of(CandidateType.values());
        return new Candidate(
                IceCredentials.random(random).usernameFragment().substring(random.nextInt(8)),
                random.nextLong(1, 1L << 31),
                randomAddress(random, random.nextInt(1, 0x1_0000)),
                types.get(random.nextInt(types.size())),
                random.nextBoolean() ? randomAddress(random, random.nextInt(0x1_0000)) : null,
                random.nextBoolean() ? IceCredentials.random(random).usernameFragment() : null);
    }

    private static InetSocketAddress randomAddress(SplittableRandom random, int port) {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(bytes);
        // Neither multicast nor link-local.
        bytes[0] = 0x20;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static String mutated(String sdp, SplittableRandom random) {
        StringBuilder text = new StringBuilder(sdp);
        for (int edits = random.nextInt(1, 6); edits > 0 && !text.isEmpty(); edits--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, (char) random.nextInt(0x1_0000));
                case 2 -> text.setCharAt(at, " .:%/-09\0\n".charAt(random.nextInt(10)));
                case 3 -> text.insert(at, text.substring(at));
                default -> text.setLength(at);
            }
        }
        return text.toString();
    }
}
