package dev.floe.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.stun.turn.TurnServer;
import dev.floe.stun.turn.TurnTransport;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code turn:USER:PASSWORD@HOST:PORT[?transport=udp|tcp|tls]}, user and password percent-encoded, an IPv6 address in
 * brackets. What is wrong with it is said without showing it, for it holds a password.
 */
final class TurnUri implements ITypeConverter<TurnServer> {

    private static final Pattern FORM = Pattern.compile(
            "turn:(?<user>[^:@]+):(?<password>[^:@]+)@(?<server>[^@?]+)(\\?transport=(?<transport>.*))?");

    @Override
    public TurnServer convert(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "expected turn:USER:PASSWORD@HOST:PORT[?transport=udp|tcp|tls], user and password percent-encoded");
        }
        InetSocketAddress address = new HostPort().convert(parts.group("server"));
        if (address.getPort() == 0) {
            throw new TypeConversionException("port 0, expected 1 to 65535");
        }
        try {
            return new TurnServer(
                    address,
                    transport(parts.group("transport")),
                    decoded("user", parts.group("user")),
                    decoded("password", parts.group("password")));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static TurnTransport transport(String name) {
        return switch (name == null ? "udp" : name) {
            case "udp" -> TurnTransport.UDP;
            case "tcp" -> TurnTransport.TCP;
            case "tls" -> TurnTransport.TLS;
            default -> throw new IllegalArgumentException("transport '" + name + "', expected udp, tcp or tls");
        };
    }

    private static String decoded(String what, String text) {
        try {
            // A plus is a plus here, not a space as in a form.
            return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the " + what + " is not percent-encoded as it must be", e);
        }
    }
}
