package dev.floe.demo.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.DescriptionExchange;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerPort;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The measured process: prints the TCP port at which {@link ManyFarEnds} are awaited, offers them connections at one UDP
 * port, and prints what those cost.
 */
final class ManyPort {

    private static final int AT_A_TIME = 32;
    private static final int CONNECT_SECONDS = 60;
    private static final int MAX_CONNECTING_SECONDS = 90;
    private static final int SETTLING_SECONDS = 12;

    private final int connections;
    private final boolean isOnePort;
    private final boolean isTalking;
    private final int seconds;
    private final List<QuicChannel> connected = new ArrayList<>();
    private int failed;

    /** @param isOnePort if not, each connection has a port of its own, to compare with */
    private ManyPort(int connections, boolean isOnePort, boolean isTalking, int seconds) {
        this.isOnePort = isOnePort;
        this.connections = connections;
        this.isTalking = isTalking;
        this.seconds = seconds;
    }

    /** What has happened until a moment. */
    private record Count(long nanos, long cpuNanos, long checksSent, long checksAnswered) {}

    public static void main(String[] args) throws Exception {
        try {
            new ManyPort(
                            Integer.parseInt(args[0]),
                            Boolean.parseBoolean(args[1]),
                            Boolean.parseBoolean(args[2]),
                            Integer.parseInt(args[3]))
                    .run();
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private void run() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        PeerConfig config = PeerConfig.builder(group, PeerIdentity.generate())
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .streamHandler(Echo::new)
                .build();
        PeerPort port = PeerPort.bind(config).get();
        Function<DescriptionExchange, Future<QuicChannel>> offer =
                isOnePort ? port::offer : exchange -> PeerConnection.offer(config, exchange);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(server.getLocalPort());
            try (TextSignaling farEnds = new TextSignaling(server.accept())) {
                measure(offer, farEnds);
            }
        }
        port.close().await();
        System.out.println();
    }

    private void measure(Function<DescriptionExchange, Future<QuicChannel>> offer, TextSignaling farEnds) throws Exception {
        // Whatever the first connections of a process load belongs to none of those that are counted.
        connect(offer, farEnds, 2 * AT_A_TIME);
        connected.forEach(first -> first.close().awaitUninterruptibly());
        connected.clear();
        long heap = heapBytes();
        long resident = residentBytes();
        long start = System.nanoTime();
        connect(offer, farEnds, connections);
        int count = connected.size();
        print("connections", count);
        print("failed", failed);
        print("connects_per_s", count / ((System.nanoTime() - start) / 1e9));
        if (isTalking) {
            farEnds.say("talk");
        }
        TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
        if (isTalking) {
            farEnds.say("count");
        }
        Count before = count();
        TimeUnit.SECONDS.sleep(seconds);
        Count after = count();
        farEnds.say("stop");
        farEnds.hear("echoes").forEach(System.out::println);
        print("cpu", (after.cpuNanos - before.cpuNanos) / (double) (after.nanos - before.nanos));
        print("checks_sent", (double) (after.checksSent - before.checksSent));
        print("checks_answered", (double) (after.checksAnswered - before.checksAnswered));
        print("heap_each", (heapBytes() - heap) / (double) count);
        print("rss_each", (residentBytes() - resident) / (double) count);
    }

    private void connect(
            Function<DescriptionExchange, Future<QuicChannel>> offer, TextSignaling farEnds, int count)
            throws Exception {
        Semaphore places = new Semaphore(AT_A_TIME);
        List<Future<QuicChannel>> offered = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_CONNECTING_SECONDS);
        for (int i = 0; i < count && System.nanoTime() < end; i++) {
            if (!places.tryAcquire(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("nobody answers");
            }
            Future<QuicChannel> connection = offer.apply(farEnds::exchange);
            connection.addListener(done -> places.release());
            offered.add(connection);
        }
        for (Future<QuicChannel> connection : offered) {
            if (!connection.await(CONNECT_SECONDS, TimeUnit.SECONDS) || !connection.isSuccess()) {
                failed++;
            } else {
                connected.add(connection.getNow());
            }
        }
    }

    private Count count() throws Exception {
        long cpu = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        long now = System.nanoTime();
        long sent = 0;
        long answered = 0;
        List<Future<List<CandidatePairStats>>> counting = new ArrayList<>();
        for (QuicChannel connection : connected) {
            counting.add(PeerConnection.of(connection).stats());
        }
        for (Future<List<CandidatePairStats>> counted : counting) {
            for (CandidatePairStats pair : counted.get(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                sent += pair.requestsSent();
                answered += pair.responsesReceived();
            }
        }
        return new Count(now, cpu, sent, answered);
    }

    private static long heapBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .sum();
    }

    private static void print(String name, double value) {
        System.out.println(name + "=" + value);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
