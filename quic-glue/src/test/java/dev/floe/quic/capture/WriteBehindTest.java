package dev.floe.quic.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WriteBehindTest {

    private final CountDownLatch disk = new CountDownLatch(1);
    private final List<String> written = new CopyOnWriteArrayList<>();

    @Test
    void slowDiskRefusesWhatThereIsNoRoomForAndWritesTheRestInOrder() throws Exception {
        WriteBehind<String> writer = new WriteBehind<>("slow", 10, new Disk());

        assertThat(writer.offer("one", 5)).isTrue();
        assertThat(writer.offer("two", 5)).isTrue();
        // The first may be off the queue by now.
        writer.offer("three", 5);
        assertThat(writer.offer("four", 6)).isFalse();
        writer.put("five");
        disk.countDown();
        writer.close();

        assertThat(written).startsWith("one", "two").doesNotContain("four").endsWith("five", "end");
        assertThat(writer.offer("late", 0)).isFalse();
    }

    @Test
    void fullDiskIsToldAtTheCloseAndTakesNothingMore() throws Exception {
        WriteBehind<String> writer = new WriteBehind<>("full", 10, new Disk());
        disk.countDown();
        writer.offer("full", 1);

        assertThatThrownBy(writer::close).isInstanceOf(IOException.class).hasMessage("No space left on device");
        assertThat(writer.hasRoom(0)).isFalse();
        assertThat(written).containsExactly("end");
    }

    @Test
    void diskThatDoesNotComeToAnEndIsToldAtTheClose() {
        WriteBehind<String> writer = new WriteBehind<>("stuck", 10, 1, new Disk());
        writer.offer("one", 1);

        assertThatThrownBy(writer::close).isInstanceOf(IOException.class).hasMessageStartingWith("not all was written");
        disk.countDown();
    }

    @Test
    void writerThatIsAtFaultIsToldAtTheClose() {
        WriteBehind<String> writer = new WriteBehind<>("wrong", 10, new Disk());
        disk.countDown();
        writer.offer("wrong", 1);

        assertThatThrownBy(writer::close)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a fault")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(writer.hasRoom(0)).isFalse();
    }

    private final class Disk implements WriteBehind.Sink<String> {

        @Override
        public void write(String item) throws IOException {
            try {
                disk.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (item.equals("full")) {
                throw new IOException("No space left on device");
            }
            if (item.equals("wrong")) {
                throw new IllegalStateException("a fault");
            }
            written.add(item);
        }

        @Override
        public long idle() {
            return Long.MAX_VALUE;
        }

        @Override
        public void close() {
            written.add("end");
        }
    }
}
