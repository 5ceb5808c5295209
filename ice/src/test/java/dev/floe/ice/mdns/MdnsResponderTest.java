package dev.floe.ice.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MdnsResponderTest {

    private static final String NAME = "2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.local";
    private static final InetAddress ADDRESS = new InetSocketAddress("192.0.2.7", 1).getAddress();
    private static final MdnsMessage.Question QUESTION = new MdnsMessage.Question(NAME, DnsRecordType.A);
    private static final long SECOND = 1_000_000_000;

    private final MdnsResponder responder = new MdnsResponder();

    @Test
    void onlyItsOwnNamesAndTheirFamilyAreAnsweredFor() {
        responder.add(NAME, ADDRESS);

        assertThat(responder.addressFor(QUESTION)).contains(ADDRESS);
        assertThat(responder.addressFor(new MdnsMessage.Question(NAME, DnsRecordType.ANY)))
                .contains(ADDRESS);
        assertThat(responder.addressFor(new MdnsMessage.Question(NAME, DnsRecordType.AAAA)))
                .isEmpty();
        assertThat(responder.addressFor(new MdnsMessage.Question("printer.local", DnsRecordType.A)))
                .isEmpty();
    }

    @Test
    void whoeverAsksInALoopGetsOneAnswerASecond() {
        responder.add(NAME, ADDRESS);

        assertThat(responder.answerDue(QUESTION, 5 * SECOND)).contains(ADDRESS);
        assertThat(responder.answerDue(QUESTION, 6 * SECOND - 1)).isEmpty();
        assertThat(responder.answerDue(QUESTION, 6 * SECOND)).contains(ADDRESS);
    }

    @Test
    void namesAreBoundedAndForgottenTogether() {
        for (int i = 0; i < MdnsResponder.MAX_NAMES; i++) {
            assertThat(responder.add(i + NAME, ADDRESS)).isTrue();
        }
        assertThat(responder.add(NAME, ADDRESS)).isFalse();

        assertThat(responder.removeAll()).hasSize(MdnsResponder.MAX_NAMES);
        assertThat(responder.owns("1" + NAME)).isFalse();
        assertThat(responder.removeAll()).isEqualTo(Map.of());
    }
}
