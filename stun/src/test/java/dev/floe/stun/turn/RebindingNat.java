package dev.floe.stun.turn;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/** Stands between one client and one server, which sees the client where the NAT likes. On one event loop. */
final class RebindingNat {
    /** Makes channels. */
    interface Binder {
        Channel bind(SimpleChannelInboundHandler<DatagramPacket> handler) throws InterruptedException;
    }

    private final Binder binder;
    private final Channel inner;
    private volatile Channel outer;
    private volatile InetSocketAddress client;

    RebindingNat(Binder binder, InetSocketAddress server) throws InterruptedException {
        this.binder = binder;
        inner = binder.bind(new SimpleChannelInboundHandler<>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                client = packet.sender();
                outer.writeAndFlush(new DatagramPacket(packet.content().retain(), server));
            }
        });
        rebind();
    }

    /** Where the client is to send what is for the server. */
    InetSocketAddress address() {
        return (InetSocketAddress) inner.localAddress();
    }

    /** Takes another address towards the server, and forgets the old one. */
    void rebind() throws InterruptedException {
        Channel old = outer;
        outer = binder.bind(new SimpleChannelInboundHandler<>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                inner.writeAndFlush(new DatagramPacket(packet.content().retain(), client));
            }
        });
        if (old != null) {
            old.close().sync();
        }
    }
}
