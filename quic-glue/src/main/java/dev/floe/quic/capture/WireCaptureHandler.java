package dev.floe.quic.capture;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/** Captures what comes to the channel's socket and what leaves by it. */
final class WireCaptureHandler extends ChannelDuplexHandler {

    private final CaptureTap tap;

    WireCaptureHandler(CaptureTap tap) {
        this.tap = tap;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        tap.socket(ctx.channel());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        tap.socket(ctx.channel());
        ctx.fireChannelActive();
    }

    // A channel's pipeline also hears what comes to the sockets beside it, which have such a handler of their own.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet
                && packet.recipient().equals(ctx.channel().localAddress())) {
            tap.cameOverWire(packet);
        }
        ctx.fireChannelRead(message);
    }

    // Where peers share a port, what leaves by one of its relays passes here as well, not wrapped yet.
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket packet
                && ctx.channel().localAddress() instanceof InetSocketAddress from
                && (packet.sender() == null || !tap.isRelayed(ctx.channel(), packet.sender()))) {
            tap.leavesOverWire(from, packet);
        }
        ctx.write(message, promise);
    }
}
