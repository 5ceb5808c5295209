package dev.floe.quic.capture;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;

/** Captures what comes to relayed addresses and what leaves from them, as it is outside the tunnel. */
final class TunnelCaptureHandler extends ChannelDuplexHandler {

    private final CaptureTap tap;

    TunnelCaptureHandler(CaptureTap tap) {
        this.tap = tap;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && tap.isRelayed(ctx.channel(), packet.recipient())) {
            tap.cameThroughTunnel(packet);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket packet
                && packet.sender() != null
                && tap.isRelayed(ctx.channel(), packet.sender())) {
            tap.leavesThroughTunnel(packet);
        }
        ctx.write(message, promise);
    }
}
