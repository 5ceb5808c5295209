package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Runs short commands of the system to their end. */
final class Shell {
    private Shell() {}

    /**
     * Runs a command.
     *
     * @return what it printed
     * @throws IllegalStateException if it fails, with what it printed
     * @throws UncheckedIOException if there is no such command
     */
    static String run(String... command) {
        return runWithInput("", command);
    }

    /** As {@link #run}, with something on the command's standard input. */
    static String runWithInput(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stdin = process.outputWriter(UTF_8)) {
                stdin.write(input);
            }
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException(
                        String.join(" ", List.of(command)) + " ended with " + exitCode + ": " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command[0] + " ran", e);
        }
    }
}
