package dev.floe.signaling.server;

import dev.floe.signaling.SignalingServerConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;

/** Who is let in, as far as a request tells. */
record Gate(SignalingServerConfig.Access access) {

    private static final String BEARER = "Bearer ";
    private static final String FORWARDED_FOR = "X-Forwarded-For";

    /** Browsers cannot set a WebSocket's headers, so a query's {@code token} will do too. */
    boolean knowsToken(HttpRequest request, QueryStringDecoder uri) {
        if (access.token() == null) {
            return true;
        }
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        String given = authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length())
                : String.join("", uri.parameters().getOrDefault("token", List.of()));
        return Secrets.areEqual(access.token(), given);
    }

    /** Only browsers name an origin, and a page cannot keep them from it. */
    boolean isAllowedOrigin(HttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        return origin == null || access.origins().isEmpty() || access.origins().contains(origin);
    }

    /** The client's address: the connection's, or what the proxy in front says, which is the last word in the list. */
    InetAddress address(HttpRequest request, InetAddress connected) {
        List<String> forwarded = request.headers().getAll(FORWARDED_FOR);
        if (!access.isBehindProxy() || forwarded.isEmpty()) {
            return connected;
        }
        String list = forwarded.get(forwarded.size() - 1);
        InetAddress client = NetUtil.createInetAddressFromIpAddressString(
                list.substring(list.lastIndexOf(',') + 1).trim());
        return client == null ? connected : client;
    }
}
