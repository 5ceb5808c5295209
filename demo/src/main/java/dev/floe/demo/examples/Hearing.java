package dev.floe.demo.examples;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** Prints what it hears, and counts it. */
final class Hearing extends SimpleChannelInboundHandler<ByteBuf> {
    private final String over;
    private final CountDownLatch heard;

    Hearing(String over, CountDownLatch heard) {
        this.over = over;
        this.heard = heard;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
        System.out.println(over + ": " + content.toString(StandardCharsets.UTF_8));
        heard.countDown();
    }
}
