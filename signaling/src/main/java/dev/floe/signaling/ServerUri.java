package dev.floe.signaling;

import dev.floe.signaling.room.RoomName;
import java.net.URI;
import java.util.Locale;

/** A signaling server's address, {@code ws://HOST[:PORT][/PREFIX]} or {@code wss://…}. */
record ServerUri(URI uri) {

    ServerUri {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean isWebSocket = scheme.equals("ws") || scheme.equals("wss");
        if (!isWebSocket || uri.getHost() == null || uri.getUserInfo() != null || uri.getFragment() != null) {
            throw new IllegalArgumentException(
                    "signaling server '" + uri + "', expected ws://HOST[:PORT] or wss://HOST[:PORT]");
        }
    }

    boolean isSecure() {
        return uri.getScheme().equalsIgnoreCase("wss");
    }

    /** The host's name or literal address, IPv6 without brackets. */
    String host() {
        return uri.getHost().replaceAll("[\\[\\]]", "");
    }

    int port() {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return isSecure() ? 443 : 80;
    }

    URI room(RoomName room) {
        return at(prefix() + "/v1/rooms/" + room.pathSegment());
    }

    URI relay() {
        return at(prefix() + "/");
    }

    @Override
    public String toString() {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    private String prefix() {
        return uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
    }

    private URI at(String path) {
        return URI.create(this + path + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()));
    }
}
