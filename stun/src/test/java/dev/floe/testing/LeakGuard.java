package dev.floe.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Fails each test class that leaks a buffer, and the run if one is found leaked after its last class. JUnit finds it as
 * a service; no test names it.
 *
 * <p>Netty tells of a leak only once the garbage collector has found the buffer and another one is allocated, so after
 * each class the guard leaks a sentinel of its own and collects until it hears of it.
 */
public final class LeakGuard implements BeforeAllCallback, AfterAllCallback, ParameterResolver, AutoCloseable {
    private static final String SENTINEL = "LeakGuard's sentinel ";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern FRAMEWORK = Pattern.compile("\\t(org\\.junit|org\\.apache\\.maven|java\\.base/)");

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private volatile long sentinelSeen;
    private long sentinels;

    /** Takes the place of Netty's detectors, which must happen before the first buffer. */
    public LeakGuard() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingDetectors());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(Namespace.create(LeakGuard.class)).computeIfAbsent(LeakGuard.class, key -> this);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getRequiredTestClass().getEnclosingClass() == null) {
            close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LeakGuard.class;
    }

    /** For the guard's own test. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return this;
    }

    /** Throws if a buffer has been leaked since the last time; also called at the end of the run. */
    @Override
    public void close() {
        // What the first collection finds is queued, in any order, before anything that a second one finds.
        awaitSentinel();
        awaitSentinel();
        List<String> found = new ArrayList<>();
        for (String leak = leaks.poll(); leak != null; leak = leaks.poll()) {
            found.add(leak);
        }
        if (!found.isEmpty()) {
            throw new AssertionError(
                    found.size() + " leaked:" + System.lineSeparator() + String.join(System.lineSeparator(), found));
        }
    }

    private void awaitSentinel() {
        long sentinel = ++sentinels;
        leak(SENTINEL + sentinel);
        long start = System.nanoTime();
        for (int round = 0; sentinelSeen < sentinel; round++) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError("leak detection does not work: a leaked buffer was not reported");
            }
            if (round % 50 == 0) {
                System.gc();
            }
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            allocator().directBuffer(1).release();
        }
    }

    /** In a frame of its own, so that nothing refers to the buffer afterwards. */
    private static void leak(String hint) {
        allocator().directBuffer(1).touch(hint);
    }

    private static ByteBufAllocator allocator() {
        return UnpooledByteBufAllocator.DEFAULT;
    }

    private final class RecordingDetectors extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation")
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long maxActive) {
            return newResourceLeakDetector(resource, interval);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
            return new RecordingDetector<>(resource, interval);
        }
    }

    private final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        RecordingDetector(Class<?> resource, int interval) {
            super(resource, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            int at = records.indexOf(SENTINEL);
            if (at < 0) {
                leaks.add(resourceType + withoutFramework(records));
            } else {
                sentinelSeen = number(records, at + SENTINEL.length());
            }
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            leaks.add(resourceType);
        }

        private String withoutFramework(String records) {
            return records.lines()
                    .filter(line -> !FRAMEWORK.matcher(line).lookingAt())
                    .collect(Collectors.joining(System.lineSeparator()));
        }

        private long number(String text, int at) {
            int end = at;
            while (end < text.length() && Character.isDigit(text.charAt(end))) {
                end++;
            }
            return Long.parseLong(text.substring(at, end));
        }
    }
}
