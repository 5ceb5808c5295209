package dev.floe.signaling;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** What can go wrong with the connection to a signaling server, in words for people. */
final class ConnectionFailures {

    private ConnectionFailures() {}

    static SignalingException of(ServerUri server, Throwable cause) {
        if (cause instanceof SignalingException known) {
            return known;
        }
        return lost("signaling server " + server + " " + reason(cause), cause);
    }

    static SignalingException tooSlow(ServerUri server, SignalingClientConfig config) {
        double seconds = config.joinTimeout().toMillis() / 1000.0;
        return lost(
                String.format(Locale.ROOT, "signaling server %s did not answer within %.1f s", server, seconds), null);
    }

    static SignalingException closed(ServerUri server, String reason) {
        return lost("signaling server " + server + " closed the connection" + reason, null);
    }

    static SignalingException closedHere(ServerUri server) {
        return lost("the connection to signaling server " + server + " was closed here", null);
    }

    private static String reason(Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return "is not known: no address for this host name";
        }
        if (cause instanceof ConnectTimeoutException) {
            return "cannot be reached: no answer";
        }
        if (cause instanceof ConnectException) {
            return "cannot be reached: connection refused";
        }
        if (cause instanceof WebSocketClientHandshakeException refused && refused.response() != null) {
            return "answers " + refused.response().status() + " instead of a WebSocket";
        }
        if (cause instanceof ReadTimeoutException) {
            return "has fallen silent";
        }
        if (cause instanceof SSLException || cause.getCause() instanceof SSLException) {
            return "fails TLS: " + firstLine(cause);
        }
        return "is lost: " + firstLine(cause);
    }

    private static String firstLine(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private static SignalingException lost(String message, Throwable cause) {
        return new SignalingException(SignalingException.SIGNALING_LOST, message, cause);
    }
}
