package dev.floe.signaling.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Sets up each new connection to read one HTTP request, if there are not too many already. */
public final class ConnectionInitializer extends ChannelInitializer<Channel> {

    private static final int MAX_REQUEST_LINE = 2048;
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_REQUEST_BODY = 1024;
    private static final int MAX_FLUSHES_AT_ONCE = 64;

    // A client too many is told so; where they come too fast even for that, it is just closed.
    private static final int CLOSED_AT_ONCE = 2;

    private final SignalingNode node;
    private final TlsCertificate tls;

    /** @param tls null to serve without TLS */
    public ConnectionInitializer(SignalingNode node, TlsCertificate tls) {
        this.node = node;
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel client) {
        InetAddress address = ((InetSocketAddress) client.remoteAddress()).getAddress();
        boolean isTooMuch = node.clients().size()
                        >= (long) CLOSED_AT_ONCE * node.config().connections().maxClients()
                || (!node.config().access().isBehindProxy()
                        && node.addresses().hasTooManyConnections(address, CLOSED_AT_ONCE));
        if (isTooMuch) {
            node.metrics().refused("flood");
            client.close();
            return;
        }
        node.clients().add(client);
        if (tls != null) {
            client.pipeline().addLast(tls.current().newHandler(client.alloc()));
        }
        client.pipeline()
                .addLast(new FlushConsolidationHandler(MAX_FLUSHES_AT_ONCE, true))
                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                        .setMaxHeaderSize(MAX_HEADERS)))
                .addLast(new HttpObjectAggregator(MAX_REQUEST_BODY))
                .addLast(new RequestHandler(node, address));
    }
}
