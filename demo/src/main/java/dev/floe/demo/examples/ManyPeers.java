package dev.floe.demo.examples;

import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerPort;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * Many connections at one UDP port: {@code ManyPeers 50} lets fifty peers, each with a port of its own, connect to one that
 * they all share, on two threads.
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
            PeerPort port = PeerPort.bind(
                            PeerConfig.builder(group, PeerIdentity.generate()).build())
                    .get();
            PeerConfig answering =
                    PeerConfig.builder(group, PeerIdentity.generate()).build();
            List<Future<QuicChannel>> connecting = new ArrayList<>();
            for (int pair = 0; pair < pairs; pair++) {
                connecting.add(connect(group, port, answering));
            }
            for (Future<QuicChannel> connection : connecting) {
                connection.get();
            }
            System.out.println(pairs + " connections at one port, on " + THREADS + " threads");
            for (Future<QuicChannel> connection : connecting) {
                connection.get().close().sync();
            }
            port.close().sync();
        } finally {
            group.shutdownGracefully();
        }
    }

    /** What signaling would carry goes through two promises. */
    private static Future<QuicChannel> connect(EventLoopGroup group, PeerPort port, PeerConfig answering) {
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        port.offer(local -> {
            offer.setSuccess(local);
            return answer;
        });
        return PeerConnection.answer(answering, local -> {
            answer.setSuccess(local);
            return offer;
        });
    }
}
