package dev.floe.demo.bench;

import com.sun.management.OperatingSystemMXBean;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Pairs of clients that tell each other descriptions, a few pairs at a time, one after the other: one side says all of
 * its own at once, and when the other has it all the next begins. Confined to the load client's event loop.
 */
final class Exchanges {

    /** After a pair's number, with which a client knows what is for it where it hears everything. */
    private static final List<String> DESCRIPTION = List.of(
            "\"type\":\"description\",\"username\":\"aB3x\",\"password\":\"0123456789abcdefghijkl\",\"fingerprint\":\""
                    + "0123456789abcdef".repeat(4) + "\",\"options\":[\"trickle\",\"renomination\",\"ice-pacing:5\"]}",
            "\"type\":\"candidate\",\"candidate\":\"1 1 udp 2130706431 192.0.2.7 50000 typ host\"}",
            "\"type\":\"candidate\",\"candidate\":\"2 1 udp 2130706175 2001:db8::7 50000 typ host\"}",
            "\"type\":\"candidate\",\"candidate\":\"3 1 udp 1694498815 198.51.100.7 60000 typ srflx raddr 192.0.2.7"
                    + " rport 50000\"}",
            "\"type\":\"end-of-candidates\"}");
    private static final int FIRST_PAIR = 10_000;
    private static final int MAX_SAMPLES = 1_000_000;

    private final LoadClient load;
    private final List<LoadSocket> sockets;
    private final int atATime;
    private final Side[] sides;
    private final long[] latencies = new long[MAX_SAMPLES];
    private int samples;
    private int next;
    private boolean isRunning;

    /** @param sockets each pair's two next to each other */
    Exchanges(LoadClient load, List<LoadSocket> sockets, int atATime) {
        this.load = load;
        this.sockets = sockets;
        this.atATime = atATime;
        sides = new Side[sockets.size()];
        for (int i = 0; i < sides.length; i++) {
            sides[i] = new Side(FIRST_PAIR + i / 2);
        }
    }

    /**
     * What a round has given.
     *
     * @param serverCpus how many processors the server's process has used
     * @param clientCpus how many this process has used
     */
    record Rates(double messagesPerSecond, double p99Millis, double serverCpus, double clientCpus) {

        double messagesPerCpuSecond() {
            return messagesPerSecond / serverCpus;
        }
    }

    /** What one of a pair is being told. */
    private static final class Side {
        private final ArrayDeque<Long> sent = new ArrayDeque<>();
        private final String start;
        private final ByteBuf frames;
        private int heard;

        Side(int pair) {
            start = "{\"pair\":" + pair;
            frames = LoadSocket.frames(DESCRIPTION.stream()
                    .map(message -> start + "," + message)
                    .toList());
        }
    }

    Rates run(ServerProcess server, Duration time) throws Exception {
        OperatingSystemMXBean self =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long serverCpu = server.cpuNanos();
        long clientCpu = self.getProcessCpuTime();
        long begin = System.nanoTime();
        load.loop().submit(this::begin).get();
        Thread.sleep(time.toMillis());
        int count = load.loop().submit(this::end).get();
        double elapsed = System.nanoTime() - begin;
        double serverCpus = (server.cpuNanos() - serverCpu) / elapsed;
        double clientCpus = (self.getProcessCpuTime() - clientCpu) / elapsed;
        awaitQuiet();
        long[] sorted = Arrays.copyOf(latencies, Math.min(count, MAX_SAMPLES));
        Arrays.sort(sorted);
        return new Rates(
                count * (double) DESCRIPTION.size() * TimeUnit.SECONDS.toNanos(1) / elapsed,
                sorted[(int) (sorted.length * 0.99)] / 1e6,
                serverCpus,
                clientCpus);
    }

    private void begin() {
        samples = 0;
        isRunning = true;
        for (int i = 0; i < sides.length; i++) {
            int index = i;
            sockets.get(i).onMessage(sides[i].start, () -> heard(index));
        }
        for (int i = 0; i < atATime; i++) {
            sayNext();
        }
    }

    private int end() {
        isRunning = false;
        return samples;
    }

    /** What is under way belongs to no round. */
    private void awaitQuiet() throws Exception {
        while (!load.loop().submit(this::isQuiet).get()) {
            Thread.sleep(5);
        }
    }

    private boolean isQuiet() {
        return Arrays.stream(sides).allMatch(side -> side.sent.isEmpty());
    }

    private void sayNext() {
        int speaker = next;
        next = (next + 1) % sides.length;
        sides[speaker ^ 1].sent.add(System.nanoTime());
        sockets.get(speaker).send(sides[speaker].frames);
    }

    private void heard(int index) {
        Side side = sides[index];
        side.heard++;
        if (side.heard == DESCRIPTION.size()) {
            side.heard = 0;
            long latency = System.nanoTime() - side.sent.remove();
            if (samples < MAX_SAMPLES) {
                latencies[samples] = latency;
            }
            if (isRunning) {
                samples++;
                sayNext();
            }
        }
    }
}
