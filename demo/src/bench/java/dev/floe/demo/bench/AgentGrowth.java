package dev.floe.demo.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What 10 to 10,000 connected agents take, each on a channel of its own and with consent, on two event loops: heap with
 * the channel, processor time while they are idle, and the looks at the network.
 */
final class AgentGrowth implements AutoCloseable {

    private static final List<Integer> SIZES = List.of(10, 100, 1_000, 10_000);
    private static final int WARM_UP = 500;
    private static final int PAIRS_AT_A_TIME = 25;
    private static final Duration IDLE = Duration.ofSeconds(6);
    private static final int SPARE_FILES = 500;
    private static final String LOOPS = "growth-loop";
    private static final String WATCH = "ice-network-watch";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory(LOOPS, true), NioIoHandler.newFactory());
    private final List<IcePair> pairs = new ArrayList<>();

    private AgentGrowth() {}

    static List<Figure> measure(Report report) throws Exception {
        try (AgentGrowth agents = new AgentGrowth()) {
            return agents.run(report);
        }
    }

    @Override
    public void close() {
        pairs.forEach(IcePair::close);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private List<Figure> run(Report report) throws Exception {
        // Whatever the first ones of a process load and compile belongs to no agent.
        grow(WARM_UP);
        Thread.sleep(IDLE.toMillis());
        pairs.forEach(IcePair::close);
        pairs.clear();
        long heapBefore = heapBytes();
        Growth heap = new Growth();
        Growth idle = new Growth();
        Growth look = new Growth();
        for (int size : SIZES) {
            if (size + SPARE_FILES > files()) {
                report.step("growth", Map.of("agents", size, "missing", "no more than " + files() + " open files"));
                break;
            }
            long lookBefore = cpuNanos(WATCH);
            long start = System.nanoTime();
            int added = size - 2 * pairs.size();
            grow(size);
            double connectedMicros = (System.nanoTime() - start) / 1e3 / added;
            double toldMicros = (cpuNanos(WATCH) - lookBefore) / 1e3 / added;
            heap.add(size, (double) (heapBytes() - heapBefore));
            long idleBefore = cpuNanos(LOOPS);
            lookBefore = cpuNanos(WATCH);
            Thread.sleep(IDLE.toMillis());
            idle.add(size, (cpuNanos(LOOPS) - idleBefore) / 1e3 / IDLE.toSeconds());
            look.add(size, (cpuNanos(WATCH) - lookBefore) / 1e3 / IDLE.toSeconds());
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("agents", size);
            fields.put("heap_bytes_each", Math.round(heap.lastOfEach()));
            fields.put("connect_us_each", Math.round(connectedMicros));
            fields.put("network_told_us_each", Math.round(toldMicros));
            fields.put("idle_us_s_each", Math.round(idle.lastOfEach() * 10) / 10.0);
            fields.put("network_look_us_s", Math.round(look.lastOfEach() * size));
            report.step("growth", fields);
        }
        List<Figure> figures = new ArrayList<>();
        figures.addAll(heap.figures("agent_heap", "bytes", "bytes of live heap with channels, by agents"));
        figures.addAll(idle.figures("agent_idle", "us", "µs of the event loops' CPU each second, consent alone, by agents"));
        figures.add(Figure.of(
                "growth_network_look_exponent", look.exponent(), "CPU for looking at the network, by agents: 0 is none"));
        return figures;
    }

    private void grow(int agents) throws Exception {
        while (2 * pairs.size() < agents) {
            List<IcePair> batch = new ArrayList<>();
            int missing = agents / 2 - pairs.size();
            for (int i = 0; i < Math.min(PAIRS_AT_A_TIME, missing); i++) {
                IcePair pair = new IcePair(group);
                pairs.add(pair);
                batch.add(pair);
                pair.addAgents(List.of());
                pair.gather();
            }
            for (IcePair pair : batch) {
                pair.exchange(description -> description, description -> description);
            }
            for (IcePair pair : batch) {
                pair.awaitConnected();
            }
        }
    }

    private static long files() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /** The processor time of the threads whose names start so. */
    private static long cpuNanos(String name) {
        ThreadInfo[] threads = THREADS.getThreadInfo(THREADS.getAllThreadIds());
        return Arrays.stream(threads)
                .filter(Objects::nonNull)
                .filter(thread -> thread.getThreadName().startsWith(name))
                .mapToLong(thread -> THREADS.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }

    private static long heapBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
