package dev.floe.quic.capture;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes on a thread of its own what others must not wait for, and no more of it than has room. Safe for several threads. */
final class WriteBehind<T> implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(WriteBehind.class);
    private static final long PATIENCE_MILLIS = 5_000;

    /** Where it is written to, on that thread. */
    interface Sink<T> extends Closeable {

        void write(T item) throws IOException;

        /**
         * For now nothing else is there to be written.
         *
         * @return the nanoseconds after which to be called again, if nothing comes before
         */
        long idle() throws IOException;
    }

    private record Entry<T>(T item, int bytes) {
        static <T> Entry<T> end() {
            return new Entry<>(null, -1);
        }

        boolean isEnd() {
            return bytes < 0;
        }
    }

    private final BlockingQueue<Entry<T>> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final long maxBytes;
    private final long patienceMillis;
    private final Sink<T> sink;
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile IOException failure;

    WriteBehind(String name, long maxBytes, Sink<T> sink) {
        this(name, maxBytes, PATIENCE_MILLIS, sink);
    }

    /** @param patienceMillis how long {@link #close} waits */
    WriteBehind(String name, long maxBytes, long patienceMillis, Sink<T> sink) {
        this.maxBytes = maxBytes;
        this.patienceMillis = patienceMillis;
        this.sink = sink;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether an item of so many bytes would be taken now. */
    boolean hasRoom(int bytes) {
        return !isClosed && queuedBytes.get() + bytes <= maxBytes;
    }

    /** Takes the item, if there is room for it. */
    boolean offer(T item, int bytes) {
        if (!hasRoom(bytes)) {
            return false;
        }
        queuedBytes.addAndGet(bytes);
        return queue.add(new Entry<>(item, bytes));
    }

    /** Takes the item whether there is room or not: it is small, and nothing after it makes sense without it. */
    void put(T item) {
        if (!isClosed) {
            queue.add(new Entry<>(item, 0));
        }
    }

    /**
     * Waits until all is written, five seconds at most.
     *
     * @throws IOException if writing has failed, or takes longer than that
     */
    @Override
    public void close() throws IOException {
        isClosed = true;
        queue.add(Entry.end());
        try {
            thread.join(patienceMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before all was written");
        }
        if (failure != null) {
            throw failure;
        } else if (thread.isAlive()) {
            throw new IOException("not all was written within " + patienceMillis / 1000 + " s");
        }
    }

    private void run() {
        try (sink) {
            for (Entry<T> next = next(); !next.isEnd(); next = next()) {
                sink.write(next.item());
            }
        } catch (IOException e) {
            failure = e;
            log.debug("{} is given up", thread.getName(), e);
        } catch (InterruptedException | RuntimeException e) {
            failure = new IOException("writing has ended: " + e, e);
            log.warn("{} is given up", thread.getName(), e);
        } finally {
            isClosed = true;
            queue.clear();
        }
    }

    private Entry<T> next() throws IOException, InterruptedException {
        Entry<T> next = queue.poll();
        while (next == null) {
            next = queue.poll(sink.idle(), TimeUnit.NANOSECONDS);
        }
        queuedBytes.addAndGet(-next.bytes());
        return next;
    }
}
