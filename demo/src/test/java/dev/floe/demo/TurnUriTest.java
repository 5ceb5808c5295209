package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TurnUriTest {

    @Test
    void udpIsTheDefault() {
        assertThat(convert("turn:user:secret@turn.example.org:3478"))
                .isEqualTo(new TurnServer(
                        InetSocketAddress.createUnresolved("turn.example.org", 3478),
                        TurnTransport.UDP,
                        "user",
                        "secret"));
    }

    @ParameterizedTest
    @EnumSource
    void transportIsNamedInLowerCase(TurnTransport transport) {
        String name = transport.name().toLowerCase(Locale.ROOT);

        assertThat(convert("turn:u:p@h:1?transport=" + name).transport()).isEqualTo(transport);
    }

    @Test
    void userAndPasswordArePercentEncoded() {
        TurnServer server = convert("turn:a%3Ab%40c:1+1%3D2%2F%C3%BC%25@h:1");

        assertThat(server.username()).isEqualTo("a:b@c");
        assertThat(server.password()).isEqualTo("1+1=2/ü%");
    }

    @Test
    void ipv6AddressStandsInBrackets() {
        assertThat(convert("turn:u:p@[2001:db8::1]:3478?transport=tcp").address())
                .isEqualTo(InetSocketAddress.createUnresolved("2001:db8::1", 3478));
    }

    @ParameterizedTest
    @CsvSource({
        "turn:user:secret@host, '''host'', expected HOST:PORT'",
        "turn:user:secret@host:0, port 0",
        "turn:user:secret@host:65536, port '65536'",
        "turn:user:secret@2001:db8::1:3478, expected HOST:PORT",
        "turn:user:secret@host:1?transport=sctp, 'transport ''sctp'', expected udp, tcp or tls'",
        "turn:user:secret%zz@host:1, the password is not percent-encoded as it must be",
        "turn:us%er:secret@host:1, the user is not percent-encoded as it must be",
        "turn:user:%00secret@host:1, the password has a control character"
    })
    void whatIsWrongIsSaidWithoutThePassword(String uri, String message) {
        assertThatExceptionOfType(TypeConversionException.class)
                .isThrownBy(() -> convert(uri))
                .withMessageContaining(message)
                .matches(e -> !e.getMessage().contains("secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "turn:host:3478",
                "stun:user:secret@host:1",
                "turn:user@host:1",
                "turn::secret@host:1",
                "turn:user:@host:1",
                "turn:user:sec:ret@host:1",
                "turn:user:secret@host:1?ttl=5"
            })
    void otherFormsAreRefusedWithoutThePassword(String uri) {
        assertThatExceptionOfType(TypeConversionException.class)
                .isThrownBy(() -> convert(uri))
                .withMessageStartingWith("expected turn:USER:PASSWORD@HOST:PORT[?transport=udp|tcp|tls]");
    }

    private static TurnServer convert(String uri) {
        return new TurnUri().convert(uri);
    }
}
