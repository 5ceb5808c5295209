package dev.floe.demo.interop;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.concurrent.TimeUnit;

/** Whether this machine has a program that a test needs. */
final class ToolAssumption {
    private static final int LIMIT_SECONDS = 20;

    private ToolAssumption() {}

    /**
     * Skips the test if a command cannot be run or fails. Fails it instead if the environment has {@code CI=true}.
     *
     * @param debianPackage what to install
     */
    static void assumeRuns(String debianPackage, String... command) throws InterruptedException {
        if (runs(command)) {
            return;
        }
        String reason = "'" + String.join(" ", command) + "' does not run here (Debian: " + debianPackage + ")";
        if ("true".equals(System.getenv("CI"))) {
            fail(reason);
        }
        abort(reason);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            boolean isOver = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            return isOver && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
