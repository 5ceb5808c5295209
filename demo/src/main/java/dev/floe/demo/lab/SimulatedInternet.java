package dev.floe.demo.lab;

import dev.floe.stun.StunCodec;
import dev.floe.stun.StunServerHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * An internet for the datagram channels of one process: real sockets on this machine's loopback network, where what comes
 * to a channel has been under way for half a round trip and keeps its order, unless it is lost. It takes no root and no
 * namespaces, and on Linux all of 127.0.0.0/8, where each host and each NAT has an address of its own.
 *
 * <p>Hosts and servers may be made on any thread. Only what happens to the datagrams of one link, in their order, is
 * repeated by a seed; which of two links is first is not.
 */
public final class SimulatedInternet implements AutoCloseable {

    private static final int PUBLIC_NET = 1;
    private static final int PRIVATE_NET = 2;

    private final long delayNanos;
    private final double loss;
    private final SplittableRandom seeds;
    /** Wakes more exactly than an event loop does, which waits for whole milliseconds. */
    private final EventExecutor clock = new DefaultEventExecutor(new DefaultThreadFactory("simulated-internet", true));

    private int hosts;

    /**
     * An internet that loses nothing.
     *
     * @param roundTrip from one attached channel to another and back
     */
    public SimulatedInternet(Duration roundTrip) {
        this(roundTrip, 0, 0);
    }

    /**
     * An internet that loses datagrams.
     *
     * @param roundTrip from one attached channel to another and back
     * @param loss how probably a datagram is lost, from 0 to 1
     * @param seed of the losses
     */
    public SimulatedInternet(Duration roundTrip, double loss, long seed) {
        delayNanos = roundTrip.toNanos() / 2;
        this.loss = loss;
        seeds = new SplittableRandom(seed);
    }

    /** A new host, behind a NAT of its own unless the kind is {@link NatKind#NONE}. */
    public synchronized SimulatedHost host(NatKind kind) {
        int number = ++hosts;
        InetAddress outside = address(PUBLIC_NET, number);
        InetAddress inside = kind == NatKind.NONE ? outside : address(PRIVATE_NET, number);
        return new SimulatedHost(this, kind, inside, outside, socket -> {});
    }

    /**
     * Starts a STUN server that everybody reaches.
     *
     * @param group drives NIO; the server ends with it
     * @return where it listens
     */
    public InetSocketAddress stunServer(EventLoopGroup group) {
        return serve(group, new StunCodec(), new StunServerHandler());
    }

    /**
     * Starts a server that everybody reaches.
     *
     * @param group drives NIO; the server ends with it
     * @param handlers of its datagram channel
     * @return where it listens
     */
    public InetSocketAddress serve(EventLoopGroup group, ChannelHandler... handlers) {
        SimulatedHost host = host(NatKind.NONE);
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                        host.attach(channel);
                    }
                })
                .bind(host.bindAddress())
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) channel.localAddress();
    }

    /** Ends the internet; nothing arrives any more. Does not wait. */
    @Override
    public void close() {
        clock.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** The last part of the way to one channel, the head of whose pipeline it has to be. */
    synchronized SimulatedLink link() {
        return new SimulatedLink(this, loss, seeds.split());
    }

    boolean isClosed() {
        return clock.isShuttingDown();
    }

    long delayNanos() {
        return delayNanos;
    }

    /** Runs something on an event loop when it is time. */
    Future<?> schedule(Runnable delivery, EventLoop loop, long nanos) {
        return clock.schedule(() -> loop.execute(delivery), nanos, TimeUnit.NANOSECONDS);
    }

    private static InetAddress address(int net, int number) {
        byte[] bytes = {127, (byte) net, (byte) (number >> Byte.SIZE), (byte) number};
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an IPv4 address", e);
        }
    }
}
