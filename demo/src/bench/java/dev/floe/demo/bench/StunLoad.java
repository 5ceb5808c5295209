package dev.floe.demo.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks one STUN server as fast as it answers: many clients, each with an address of its own, of whom a window is waiting
 * at any time. On the calling thread, and as cheap as can be, so that it is the server that is measured.
 */
final class StunLoad implements AutoCloseable {

    /** So many that none asks more often than a public server lets one. */
    private static final int CLIENTS = 3_072;
    /** What the server's receive buffer has room for. */
    private static final int WINDOW = 128;

    /** In which the server answers a fraction of the window. */
    private static final long REST_NANOS = 20_000;

    private static final Duration LOST = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int HEADER_BYTES = 20;
    private static final int BINDING_REQUEST = 0x0001;
    private static final int BINDING_SUCCESS = 0x0101;
    private static final int COOKIE = 0x2112A442;
    private static final long ID = 0x466c6f65_42656e63L;
    private static final int LONGEST_ANSWER = 512;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /**
     * What one round has given.
     *
     * @param perSecond answers to requests
     * @param perCpuSecond the same for each second of the server's own processor time, of all its threads
     * @param loadCpus how much of a processor the load took
     * @param lost requests without an answer
     */
    record Rates(double perSecond, double perCpuSecond, double serverCpus, double loadCpus, long lost) {}

    private final StunProcess server;
    private final List<DatagramChannel> clients = new ArrayList<>();
    private final ByteBuffer request = ByteBuffer.allocateDirect(HEADER_BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(LONGEST_ANSWER);
    private int sent;
    private int received;
    private long lost;

    private StunLoad(StunProcess server) {
        this.server = server;
    }

    /** Opens the clients, and waits until the server answers. */
    static StunLoad on(StunProcess server) throws IOException {
        StunLoad load = new StunLoad(server);
        for (int client = 0; client < CLIENTS; client++) {
            byte[] source = {127, 1, (byte) (client >> 8), (byte) client};
            load.clients.add(DatagramChannel.open()
                    .bind(new InetSocketAddress(InetAddress.getByAddress(source), 0))
                    .connect(server.address()));
            load.clients.get(client).configureBlocking(false);
        }
        load.awaitServer();
        return load;
    }

    Rates run(Duration duration) throws IOException {
        lost = 0;
        int first = received;
        long startCpuNanos = server.cpuNanos();
        long startLoadNanos = THREADS.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        while (System.nanoTime() - start < duration.toNanos()) {
            for (int i = 0; i < WINDOW; i++) {
                if (sent - received == WINDOW) {
                    receive();
                }
                send();
            }
        }
        while (received != sent) {
            receive();
        }
        double nanos = System.nanoTime() - start;
        double loadNanos = THREADS.getCurrentThreadCpuTime() - startLoadNanos;
        double cpuNanos = server.cpuNanos() - startCpuNanos;
        double answers = received - first - lost;
        return new Rates(answers * 1e9 / nanos, answers * 1e9 / cpuNanos, cpuNanos / nanos, loadNanos / nanos, lost);
    }

    @Override
    public void close() throws IOException {
        for (DatagramChannel client : clients) {
            client.close();
        }
    }

    private void awaitServer() throws IOException {
        long start = System.nanoTime();
        do {
            if (!server.process().isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IOException("a STUN server does not start");
            }
            lost = 0;
            send();
            receive();
        } while (lost > 0);
    }

    private void send() throws IOException {
        DatagramChannel client = clients.get(sent % CLIENTS);
        request.clear().putShort((short) BINDING_REQUEST).putShort((short) 0).putInt(COOKIE);
        request.putLong(ID).putInt(sent).flip();
        sent++;
        try {
            client.write(request);
        } catch (IOException e) {
            // Before the server has started, the system says that nobody listens.
        }
    }

    /** Waits for the answer to the oldest request that has none; the server answers in the order in which it is asked. */
    private void receive() throws IOException {
        DatagramChannel client = clients.get(received % CLIENTS);
        long start = 0;
        while (!isAnswered(client)) {
            long now = System.nanoTime();
            start = start == 0 ? now : start;
            if (now - start > LOST.toNanos()) {
                lost++;
                break;
            }
            LockSupport.parkNanos(REST_NANOS);
        }
        received++;
    }

    private boolean isAnswered(DatagramChannel client) {
        answer.clear();
        try {
            return client.read(answer) >= HEADER_BYTES
                    && answer.getShort(0) == BINDING_SUCCESS
                    && answer.getInt(4) == COOKIE
                    && answer.getLong(8) == ID
                    && answer.getInt(16) == received;
        } catch (IOException e) {
            return false;
        }
    }
}
