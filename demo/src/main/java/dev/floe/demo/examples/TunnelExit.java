package dev.floe.demo.examples;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.net.SocketAddress;

/** Makes a TCP connection for each stream that the other side opens. */
final class TunnelExit extends ChannelInitializer<QuicStreamChannel> {
    private final EventLoopGroup group;
    private final SocketAddress target;

    TunnelExit(EventLoopGroup group, SocketAddress target) {
        this.group = group;
        this.target = target;
    }

    @Override
    protected void initChannel(QuicStreamChannel stream) {
        stream.config().setAutoRead(false);
        new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(target)
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        Pump.join(stream, (SocketChannel) connected.channel());
                    } else {
                        stream.close();
                    }
                });
    }
}
