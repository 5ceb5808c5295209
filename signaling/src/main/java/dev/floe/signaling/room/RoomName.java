package dev.floe.signaling.room;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A room's name: 1 to 128 letters and digits of any script, {@code . _ ~ -}, the first a letter or a digit. */
public record RoomName(String value) {

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._~-]{0,127}");
    private static final int MAX_SHOWN = 140;

    public RoomName {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "room '" + printable(value) + "', expected 1 to 128 letters, digits, '.', '_', '~' or '-'");
        }
    }

    /** The name that a path segment carries, percent-encoded (RFC 3986 §2.1). */
    public static RoomName ofPathSegment(String segment) {
        return new RoomName(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
    }

    public String pathSegment() {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String printable(String value) {
        String shown = value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "…" : value;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
