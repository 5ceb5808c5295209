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
                "false | endpoint-independent | endpoint-independent | There is no NAT and no firewall in the way",
                "false | endpoint-independent | address-dependent | There is no NAT, though a firewall",
                "true | endpoint-independent | endpoint-independent | one port for all destinations: direct connections"
                        + " usually work, even with a peer behind a symmetric NAT.",
                "true | endpoint-independent | address-dependent | usually work, even with a peer behind a symmetric",
                "true | endpoint-independent | address-and-port-dependent | usually work, but not with a peer behind a"
                        + " symmetric NAT: then both need a relay.",
                "true | endpoint-independent | | direct connections usually work.",
                "true | address-dependent | address-dependent | a port of its own (a symmetric NAT)",
                "true | symmetric | | a port of its own (a symmetric NAT)",
                "true | | | what the NAT does could not be found out",
                "| | | what the NAT does could not be found out"
            })
    void directConnectionsAreForetoldByWhatTheNatDoes(Boolean nat, String mapping, String filtering, String sentence) {
        assertThat(Advice.of(network(nat, mapping, filtering, null), null, List.of())
                        .get(0))
                .contains(sentence);
    }

    @Test
    void silenceOfAllStunServersIsSaidFirst() {
        Event.Network silent = new Event.Network(List.of("10.1.0.2"), false, null, null, null, null, null, null, null);

        assertThat(Advice.of(silent, null, List.of()).get(0)).startsWith("No STUN server answered over UDP");
        assertThat(Advice.of(null, null, List.of()).get(0)).startsWith("No STUN server answered over UDP");
        assertThat(Advice.of(network(false, INDEPENDENT, INDEPENDENT, null), silent, List.of()))
                .noneMatch(sentence -> sentence.startsWith("No STUN server answered over UDP"))
                .anyMatch(sentence -> sentence.contains("but no STUN server answered over it"));
    }

    @Test
    void missingHairpinningIsWorthASentence() {
        assertThat(Advice.of(network(true, INDEPENDENT, INDEPENDENT, false), null, List.of()))
                .anyMatch(sentence -> sentence.contains("by their inner addresses only"));
        assertThat(Advice.of(network(true, INDEPENDENT, INDEPENDENT, true), null, List.of()))
                .noneMatch(sentence -> sentence.contains("by their inner addresses only"));
    }

    @Test
    void ipv6IsThereOrNot() {
        Event.Network direct = network(false, INDEPENDENT, INDEPENDENT, null);

        assertThat(Advice.of(direct, null, List.of())).contains("This machine has no IPv6 address.");
        assertThat(Advice.of(null, direct, List.of()))
                .anyMatch(sentence -> sentence.startsWith("IPv6 goes out without"));
        assertThat(Advice.of(null, network(true, INDEPENDENT, INDEPENDENT, null), List.of()))
                .contains("IPv6 goes out through a NAT, too.");
    }

    @Test
    void relayIsAtHandIfOneServerGivesIt() {
        Event.Turn refusal = new Event.Turn("h:1", "udp", false, "401", null, null);
        Event.Turn relay = new Event.Turn("h:1", "tcp", true, null, List.of("192.0.2.1:1"), 1.0);

        assertThat(Advice.of(null, null, List.of()))
                .anyMatch(sentence -> sentence.startsWith("No TURN server was named"));
        assertThat(Advice.of(null, null, List.of(refusal)))
                .anyMatch(sentence -> sentence.startsWith("No TURN server gave a relay"));
        assertThat(Advice.of(null, null, List.of(refusal, relay)))
                .anyMatch(sentence -> sentence.startsWith("A relay is at hand"));
    }

    private static Event.Network network(Boolean nat, String mapping, String filtering, Boolean hairpinning) {
        return new Event.Network(
                List.of("10.1.0.2"), true, "192.0.2.1:1", nat, mapping, null, filtering, null, hairpinning);
    }
}
