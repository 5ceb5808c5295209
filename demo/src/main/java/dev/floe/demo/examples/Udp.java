package dev.floe.demo.examples;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;

/** A datagram channel for the handlers of an example. */
final class Udp {

    private Udp() {}

    /** Binds a channel to any port. The handlers are in its pipeline before it is bound. */
    static Channel bind(EventLoopGroup group, ChannelHandler... handlers) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind(0)
                .sync()
                .channel();
    }
}
