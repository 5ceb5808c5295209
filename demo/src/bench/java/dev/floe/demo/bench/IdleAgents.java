package dev.floe.demo.bench;

import dev.floe.ice.IceDescription;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunDatagram;
import dev.floe.stun.StunMessage;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Many agents of one process, each with ten candidates and told of ten: one where it is, and nine that servers have made
 * up.
 */
final class IdleAgents {

    private static final int PAIRS = 500;
    private static final int AT_A_TIME = 25;
    private static final int CANDIDATES = 10;
    private static final int SETTLING_SECONDS = 5;

    /** @param bytesEach heap of a connected agent that has nothing to do, beyond that of its channel */
    record Outcome(int agents, double connectedMillis, long bytesEach) {}

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final List<InetSocketAddress> servers = new ArrayList<>();
    private final List<IcePair> pairs = new ArrayList<>();

    private IdleAgents() {}

    static Outcome measure() throws Exception {
        IdleAgents agents = new IdleAgents();
        try {
            return agents.run();
        } finally {
            agents.stop();
        }
    }

    private Outcome run() throws Exception {
        for (int i = 1; i < CANDIDATES; i++) {
            servers.add(startServer(i));
        }
        connectOneOutsideTheCount();
        for (int i = 0; i < PAIRS; i++) {
            pairs.add(new IcePair(group));
        }
        long before = heapBytes();
        for (int from = 0; from < PAIRS; from += AT_A_TIME) {
            gather(pairs.subList(from, from + AT_A_TIME));
        }
        long start = System.nanoTime();
        for (IcePair pair : pairs) {
            pair.exchange(IdleAgents::counted, IdleAgents::counted);
        }
        for (IcePair pair : pairs) {
            pair.awaitConnected();
        }
        double millis = (System.nanoTime() - start) / 1e6;
        // Until the checks of the nine are given up.
        TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
        return new Outcome(2 * PAIRS, millis, (heapBytes() - before) / (2 * PAIRS));
    }

    /** More at a time would lose each other's datagrams to the servers. */
    private void gather(List<IcePair> batch) throws Exception {
        for (IcePair pair : batch) {
            pair.addAgents(servers);
            pair.gather();
        }
        for (IcePair pair : batch) {
            pair.awaitGathered();
        }
    }

    /** Whatever the first pair of a process loads belongs to no agent. */
    private void connectOneOutsideTheCount() throws Exception {
        try (IcePair pair = new IcePair(group)) {
            pair.addAgents(servers);
            pair.gather();
            pair.exchange(IdleAgents::counted, IdleAgents::counted);
            pair.awaitConnected();
        }
    }

    private static IceDescription counted(IceDescription description) {
        if (description.candidates().size() != CANDIDATES) {
            throw new IllegalStateException(
                    description.candidates().size() + " candidates were gathered, expected " + CANDIDATES);
        }
        return description;
    }

    /** A server on an address of its own that sees everybody at one more address. */
    private InetSocketAddress startServer(int number) throws InterruptedException {
        return (InetSocketAddress) new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), new Inventor(number));
                    }
                })
                .bind("127.0.0." + (1 + number), 0)
                .sync()
                .channel()
                .localAddress();
    }

    private static long heapBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void stop() {
        pairs.forEach(IcePair::close);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static final class Inventor extends SimpleChannelInboundHandler<StunDatagram> {
        private final int number;

        Inventor(int number) {
            this.number = number;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, StunDatagram request) {
            InetSocketAddress client = request.sender();
            InetSocketAddress invented = new InetSocketAddress("127.0.1." + number, client.getPort());
            StunMessage response = StunMessage.success(request.content())
                    .add(new XorMappedAddress(invented))
                    .build();
            ctx.writeAndFlush(new StunDatagram(response, client, request.recipient()));
        }
    }
}
