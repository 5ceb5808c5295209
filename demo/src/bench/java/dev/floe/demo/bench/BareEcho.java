package dev.floe.demo.bench;

import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.SimulatedHost;
import dev.floe.demo.lab.SimulatedInternet;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/** How long one datagram takes there and back over a simulated internet, with nothing but sockets: what its round trip really is. */
final class BareEcho {

    private static final int ECHOES = 15;
    private static final int TIMEOUT_SECONDS = 10;

    private BareEcho() {}

    /** The median, in milliseconds. */
    static double millis(SimulatedInternet internet, Peers peers) throws InterruptedException {
        InetSocketAddress server = internet.serve(peers.serverLoop(), new Echo());
        SimulatedHost host = internet.host(NatKind.NONE);
        BlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();
        Channel client = new Bootstrap()
                .group(peers.clientLoop())
                .channel(NioDatagramChannel.class)
                .handler(new Arrivals(arrivals))
                .bind(host.bindAddress())
                .sync()
                .channel();
        client.eventLoop().submit(() -> host.attach(client)).sync();
        double[] millis = new double[ECHOES];
        for (int i = 0; i < ECHOES; i++) {
            long sent = client.eventLoop().submit(() -> send(client, server)).sync().getNow();
            Long arrived = arrivals.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (arrived == null) {
                throw new IllegalStateException("no echo within " + TIMEOUT_SECONDS + " s");
            }
            millis[i] = (arrived - sent) / 1e6;
        }
        client.close().sync();
        return DoubleStream.of(millis).sorted().toArray()[ECHOES / 2];
    }

    private static long send(Channel client, InetSocketAddress server) {
        long now = System.nanoTime();
        client.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(new byte[1]), server));
        return now;
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            ctx.writeAndFlush(new DatagramPacket(packet.content(), packet.sender()));
        }
    }

    private static final class Arrivals extends SimpleChannelInboundHandler<DatagramPacket> {
        private final BlockingQueue<Long> nanos;

        Arrivals(BlockingQueue<Long> nanos) {
            this.nanos = nanos;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            nanos.add(System.nanoTime());
        }
    }
}
