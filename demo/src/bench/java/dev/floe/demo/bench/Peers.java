package dev.floe.demo.bench;

import dev.floe.quic.PeerIdentity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/** The two sides: an event loop of its own and a P-256 certificate each. */
record Peers(
        EventLoopGroup clientLoop, EventLoopGroup serverLoop, PeerIdentity clientIdentity, PeerIdentity serverIdentity)
        implements AutoCloseable {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static Peers create() {
        return new Peers(eventLoop(), eventLoop(), PeerIdentity.generate(), PeerIdentity.generate());
    }

    /** The processor time that both event loops have taken. */
    long cpuNanos() {
        return THREADS.getThreadCpuTime(threadId(clientLoop)) + THREADS.getThreadCpuTime(threadId(serverLoop));
    }

    @Override
    public void close() {
        clientLoop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        serverLoop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static EventLoopGroup eventLoop() {
        return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    private static long threadId(EventLoopGroup loop) {
        return ((SingleThreadEventExecutor) loop.next()).threadProperties().id();
    }
}
