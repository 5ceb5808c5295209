package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.signaling.room.RoomName;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerUriTest {

    @ParameterizedTest
    @CsvSource({
        "ws://example.net:8765,    ws://example.net:8765/v1/rooms/r,     ws://example.net:8765/,     8765",
        "ws://example.net,         ws://example.net/v1/rooms/r,          ws://example.net/,          80",
        "wss://example.net/,       wss://example.net/v1/rooms/r,         wss://example.net/,         443",
        "WSS://example.net/p/q/,   WSS://example.net/p/q/v1/rooms/r,     WSS://example.net/p/q/,     443",
        "ws://example.net/p?k=v,   ws://example.net/p/v1/rooms/r?k=v,    ws://example.net/p/?k=v,    80",
        "ws://[2001:db8::1]:99,    ws://[2001:db8::1]:99/v1/rooms/r,     ws://[2001:db8::1]:99/,     99",
    })
    void pathIsKeptAsPrefix(URI uri, URI room, URI relay, int port) {
        ServerUri server = new ServerUri(uri);

        assertThat(server.room(new RoomName("r"))).isEqualTo(room);
        assertThat(server.relay()).isEqualTo(relay);
        assertThat(server.port()).isEqualTo(port);
    }

    @Test
    void literalIpv6HostHasNoBrackets() {
        assertThat(new ServerUri(URI.create("ws://[::1]:99")).host()).isEqualTo("::1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://example.net", "example.net:8765", "ws:a", "ws:///room", "/", "ws://a:b@c", "ws://a#b"})
    void whatIsNoWebSocketAddressIsRefused(URI uri) {
        assertThatThrownBy(() -> new ServerUri(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected ws://HOST[:PORT]");
    }
}
