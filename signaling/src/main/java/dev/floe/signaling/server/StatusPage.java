package dev.floe.signaling.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a server says about itself, to people and to those who watch over it. */
final class StatusPage {

    /** Shows what {@link #health} says, live. */
    static final String HTML = read("status.html");

    private StatusPage() {}

    static String health(SignalingNode node) {
        return "{\"status\":\"" + (node.rooms().isAvailable() ? "ok" : "no-new-rooms") + "\",\"rooms\":"
                + node.rooms().size() + ",\"clients\":" + node.webSockets().get() + "}";
    }

    private static String read(String resource) {
        try (InputStream in = StatusPage.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
