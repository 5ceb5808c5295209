package dev.floe.demo.bench;

import dev.floe.quic.PeerIdentity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/** The two sides: an event loop of its own and a P-256 certificate each. */
record Peers(
        Class<? extends DatagramChannel> channelType,
        EventLoopGroup clientLoop,
        EventLoopGroup serverLoop,
        PeerIdentity clientIdentity,
        PeerIdentity serverIdentity)
        implements AutoCloseable {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static Peers create() {
        return create(Transport.nio());
    }

    static Peers create(Transport transport) {
        return new Peers(
                transport.channelType(),
                transport.eventLoop(),
                transport.eventLoop(),
                PeerIdentity.generate(),
                PeerIdentity.generate());
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

    private static long threadId(EventLoopGroup loop) {
        return ((SingleThreadEventExecutor) loop.next()).threadProperties().id();
    }
}
