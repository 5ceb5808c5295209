package dev.floe.demo.examples;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.signaling.SignalingClient;
import dev.floe.stun.StunCodec;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Scanner;

/**
 * The ICE handler alone: a chat over bare UDP, with neither encryption nor retransmission. One side runs
 * {@code UdpChat ws://SERVER:8765 ROOM CONTROLLING}, the other {@code … CONTROLLED}; each line is a datagram.
 */
public final class UdpChat {

    private UdpChat() {}

    /**
     * Chats until standard input ends.
     *
     * @param args the signaling server, whose host has a STUN server too; the room; the ICE role
     * @throws Exception if the two do not find each other
     */
    public static void main(String... args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        URI server = URI.create(args[0]);
        InetSocketAddress stun = InetSocketAddress.createUnresolved(server.getHost(), 3478);
        IceHandler ice = new IceHandler(IceConfig.of(IceRole.valueOf(args[2]), List.of(stun)));
        try (SignalingClient signaling =
                SignalingClient.joinRoom(group, server, args[1]).get()) {
            Channel channel = Udp.bind(group, new StunCodec(), ice, hearing(ice));
            ice.setRemoteDescription(signaling.exchange(ice.gather().get()).get());
            System.out.println("talking to " + ice.connected().get().remoteAddress());
            for (Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8); lines.hasNextLine(); ) {
                String line = lines.nextLine();
                channel.eventLoop().execute(() -> say(channel, ice, line));
            }
        } finally {
            group.shutdownGracefully();
        }
    }

    /** Over the pair in use, which may be another one than a moment ago. */
    private static void say(Channel channel, IceHandler ice, String line) {
        ice.selectedPair()
                .ifPresent(pair -> channel.writeAndFlush(new DatagramPacket(
                        Unpooled.copiedBuffer(line, StandardCharsets.UTF_8), pair.remoteAddress(), pair.base())));
    }

    /** Anybody can send a datagram; the other side's come from where ICE has authenticated it. */
    private static SimpleChannelInboundHandler<DatagramPacket> hearing(IceHandler ice) {
        return new SimpleChannelInboundHandler<>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                if (ice.isAuthenticated(packet.recipient(), packet.sender())) {
                    System.out.println("they: " + packet.content().toString(StandardCharsets.UTF_8));
                }
            }
        };
    }
}
