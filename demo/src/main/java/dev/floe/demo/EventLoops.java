package dev.floe.demo;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;

/** A command's event loops, which end with it. */
final class EventLoops implements AutoCloseable {

    private final EventLoopGroup group;

    EventLoops(int threads) {
        group = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
    }

    EventLoopGroup group() {
        return group;
    }

    /** Lets them do what they have been given, and waits for it, for a second at most. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
