package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the links between the gateways of a {@link NatLab} and its internet are like. One that is not plain takes python3
 * and {@code /dev/net/tun}, since few kernels have netem.
 *
 * @param delay of each link, one way; so two hosts are four delays from each other and back, and two from the server
 * @param megabits a second, each way; what would wait longer than 100 ms is lost
 */
public record Wire(Duration delay, int megabits) {
    /** No delay, and as fast as the machine is. */
    public static final Wire PLAIN = new Wire(Duration.ZERO, 0);

    boolean isPlain() {
        return equals(PLAIN);
    }

    /**
     * Makes such links, which end with their process.
     *
     * @param host where their devices are
     * @param devices each two of which are the ends of a link
     */
    void start(Host host, Stream<String> devices) {
        List<String> command = new ArrayList<>(
                List.of("python3", "-c", script(), String.valueOf(delay.toNanos() / 1e9), String.valueOf(megabits)));
        devices.forEach(command::add);
        Process process = host.start(command);
        try {
            if (process.inputReader(UTF_8).readLine() == null) {
                throw new IllegalStateException(
                        new String(process.getErrorStream().readAllBytes(), UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String script() {
        try (InputStream script = Wire.class.getResourceAsStream("wire.py")) {
            return new String(script.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
