package dev.floe.demo.examples;

import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.signaling.SignalingClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/**
 * TCP through a connection between peers, each TCP connection as a stream of its own. {@code TcpTunnel
 * ws://SERVER:8765 ROOM to HOST PORT} runs beside what is to be reached, {@code TcpTunnel … from PORT} on the other
 * side, where it listens for the local machine alone.
 */
public final class TcpTunnel {

    private TcpTunnel() {}

    /**
     * Tunnels until the connection ends.
     *
     * @param args the signaling server, whose host has a STUN server too; the room; and as said above
     * @throws Exception if the two do not find each other
     */
    public static void main(String... args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        URI server = URI.create(args[0]);
        PeerConfig.Builder config = PeerConfig.builder(group, PeerIdentity.generate())
                .stunServers(List.of(InetSocketAddress.createUnresolved(server.getHost(), 3478)));
        try (SignalingClient signaling =
                SignalingClient.joinRoom(group, server, args[1]).get()) {
            QuicChannel connection;
            if (args[2].equals("to")) {
                InetSocketAddress target = InetSocketAddress.createUnresolved(args[3], Integer.parseInt(args[4]));
                config.streamHandler(() -> new TunnelExit(group, target));
                connection =
                        PeerConnection.offer(config.build(), signaling::trickle).get();
            } else {
                connection = PeerConnection.answer(config.build(), signaling::trickle)
                        .get();
                listen(group, Integer.parseInt(args[3]), connection);
            }
            System.out.println("the tunnel is open");
            connection.closeFuture().sync();
        } finally {
            group.shutdownGracefully();
        }
    }

    private static void listen(EventLoopGroup group, int port, QuicChannel connection) throws InterruptedException {
        new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new TunnelEntrance(connection))
                .bind(InetAddress.getLoopbackAddress(), port)
                .sync();
    }
}
