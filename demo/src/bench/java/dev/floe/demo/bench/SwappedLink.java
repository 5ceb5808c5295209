package dev.floe.demo.bench;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;

/** Floe's way: ICE, the swap, QUIC over the path layer. */
record SwappedLink(QuicChannel client, QuicChannel server, Meter meter, CandidatePair clientPair) implements Link {

    /** Where the client finds the server. */
    InetAddress serverAddress() {
        return clientPair.remoteAddress().getAddress();
    }


    static SwappedLink connect(Peers peers) throws Exception {
        Meter meter = new Meter();
        Nomination nomination = new Nomination();
        InMemoryExchange signaling = new InMemoryExchange();
        Future<QuicChannel> server = PeerConnection.offer(
                PeerConfig.builder(peers.serverLoop(), peers.serverIdentity())
                        .channel(peers.channelType())
                        .streamHandler(() -> meter)
                        .build(),
                signaling::offer);
        Future<QuicChannel> client = PeerConnection.answer(
                PeerConfig.builder(peers.clientLoop(), peers.clientIdentity())
                        .channel(peers.channelType())
                        .streamHandler(() -> meter)
                        .observer(nomination)
                        .build(),
                signaling::answer);
        return new SwappedLink(
                client.sync().getNow(), server.sync().getNow(), meter, nomination.pair);
    }

    private static final class Nomination extends ChannelInboundHandlerAdapter {
        private volatile CandidatePair pair;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.PairNominated nominated) {
                pair = nominated.pair();
            }
            ctx.fireUserEventTriggered(event);
        }
    }
}
