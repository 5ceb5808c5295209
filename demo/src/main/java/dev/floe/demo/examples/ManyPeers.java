package dev.floe.demo.examples;

import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * Many connections in one event loop group: {@code ManyPeers 50} makes fifty pairs of peers, each with a port of its own,
 * on two threads. One configuration serves all who share it.
 */
public final class ManyPeers {

    private static final int THREADS = 2;

    private ManyPeers() {}

    /**
     * Connects them all at once and closes them again.
     *
     * @param args how many pairs
     * @throws Exception if one of them fails
     */
    public static void main(String... args) throws Exception {
        int pairs = Integer.parseInt(args[0]);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(THREADS, NioIoHandler.newFactory());
        try {
            PeerConfig offering =
                    PeerConfig.builder(group, PeerIdentity.generate()).build();
            PeerConfig answering =
                    PeerConfig.builder(group, PeerIdentity.generate()).build();
            List<Future<QuicChannel>> connecting = new ArrayList<>();
            for (int pair = 0; pair < pairs; pair++) {
                connecting.add(connect(group, offering, answering));
            }
            for (Future<QuicChannel> connection : connecting) {
                connection.get();
            }
            System.out.println(pairs + " connections on " + THREADS + " threads");
            for (Future<QuicChannel> connection : connecting) {
                connection.get().close().sync();
            }
        } finally {
            group.shutdownGracefully();
        }
    }

    /** What signaling would carry goes through two promises. */
    private static Future<QuicChannel> connect(EventLoopGroup group, PeerConfig offering, PeerConfig answering) {
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        PeerConnection.offer(offering, local -> {
            offer.setSuccess(local);
            return answer;
        });
        return PeerConnection.answer(answering, local -> {
            answer.setSuccess(local);
            return offer;
        });
    }
}
