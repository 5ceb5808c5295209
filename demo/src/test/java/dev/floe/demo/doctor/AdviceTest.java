package dev.floe.demo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.report.Event;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdviceTest {
    private static final String INDEPENDENT = "endpoint-independent";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | endpoint-independent | endpoint-independent | work with everybody: there is no NAT and no firewall",
                "false | endpoint-independent | address-dependent | work with everybody: there is no NAT, at most a",
                "true | endpoint-independent | endpoint-independent | usually work: your router (NAT) keeps one port",
                "true | endpoint-independent | address-dependent | even with a peer behind a symmetric NAT",
                "true | endpoint-independent | address-and-port-dependent | With a peer behind a symmetric NAT it takes a",
                "true | endpoint-independent | | usually work: your router (NAT) keeps one port",
                "true | address-dependent | address-dependent | with some peers only: your router (NAT) uses another port",
                "true | symmetric | | (a symmetric NAT)",
                "true | | | may work: UDP gets out, but what your router (NAT) does could not be found out",
                "| | | what your router (NAT) does could not be found out"
            })
    void directConnectionsAreForetoldByWhatTheNatDoes(Boolean nat, String mapping, String filtering, String sentence) {
        List<String> advice = Advice.of(network(nat, mapping, filtering), null, List.of());
        assertThat(advice.get(0)).startsWith("Direct connections ");
        assertThat(advice).anyMatch(each -> each.contains(sentence));
    }

    @Test
    void silenceOfAllStunServersIsAVerdictOnlyIfOthersAnswer() {
        List<Event.Turn> overUdp = List.of(turn("udp", true));
        List<Event.Turn> overTcp = List.of(turn("udp", false), turn("tcp", true));

        assertThat(Advice.of(null, null, List.of()).get(0)).startsWith("It is not known whether");
        assertThat(Advice.of(null, null, List.of(turn("tcp", false))).get(0)).startsWith("It is not known whether");
        assertThat(Advice.of(null, null, overTcp).get(0)).startsWith("Direct connections do not work");
        assertThat(Advice.of(null, null, overUdp).get(0)).startsWith("Direct connections may work: UDP gets out");
        assertThat(Advice.of(null, null, overUdp)).noneMatch(sentence -> sentence.contains("blocks UDP"));
    }

    @Test
    void silenceOfAllStunServersIsTheVerdict() {
        Event.Network silent = new Event.Network(List.of("10.1.0.2"), false, null, null, null, null, null, null, null);

        assertThat(Advice.of(silent, null, List.of()).get(0)).contains("no STUN server answered over UDP");
        assertThat(Advice.of(null, null, List.of()).get(0)).contains("no STUN server answered over UDP");
        assertThat(Advice.of(network(false, INDEPENDENT, INDEPENDENT), silent, List.of()))
                .noneMatch(sentence -> sentence.contains("no STUN server answered over UDP"));
    }

    @Test
    void ipv6IsWorthASentenceIfItHelps() {
        Event.Network direct = network(false, INDEPENDENT, INDEPENDENT);

        assertThat(Advice.of(direct, null, List.of())).noneMatch(sentence -> sentence.contains("IPv6"));
        assertThat(Advice.of(direct, network(true, INDEPENDENT, INDEPENDENT), List.of()))
                .noneMatch(sentence -> sentence.contains("IPv6"));
        assertThat(Advice.of(direct, direct, List.of()))
                .anyMatch(sentence -> sentence.startsWith("IPv6 goes out without"));
        assertThat(Advice.of(null, direct, List.of()).get(0)).contains("with peers that have IPv6, too");
    }

    @Test
    void relayIsAtHandIfOneServerGivesIt() {
        Event.Turn refusal = turn("udp", false);
        Event.Turn relay = turn("tcp", true);

        assertThat(Advice.of(null, null, List.of()))
                .anyMatch(sentence -> sentence.contains("no TURN server was named"));
        assertThat(Advice.of(null, null, List.of(refusal)))
                .anyMatch(sentence -> sentence.contains("no TURN server gave one"));
        assertThat(Advice.of(null, null, List.of(refusal, relay)))
                .anyMatch(sentence -> sentence.startsWith("A relay is at hand"));
    }

    private static Event.Turn turn(String transport, boolean isOk) {
        return isOk
                ? new Event.Turn("h:1", transport, true, null, List.of("192.0.2.1:1"), 1.0)
                : new Event.Turn("h:1", transport, false, "401", null, null);
    }

    private static Event.Network network(Boolean nat, String mapping, String filtering) {
        return new Event.Network(List.of("10.1.0.2"), true, "192.0.2.1:1", nat, mapping, null, filtering, null, null);
    }
}
