package dev.floe.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.concurrent.TimeUnit;

/** What a test needs of the machine that it runs on. */
public final class Requirement {
    private static final int LIMIT_SECONDS = 20;

    private Requirement() {}

    /** Skips the test if {@code debianPackage}'s command cannot be run or fails; see {@link #missing(String, Throwable)}. */
    public static void runs(String debianPackage, String... command) {
        Throwable cause = null;
        try {
            if (succeeds(command)) {
                return;
            }
        } catch (IOException e) {
            cause = e;
        }
        missing("'" + String.join(" ", command) + "' does not run here (Debian: " + debianPackage + ")", cause);
    }

    /** As {@link #missing(String, Throwable)}, when nothing was thrown. */
    public static void missing(String what) {
        missing(what, null);
    }

    /** Skips the test. Fails it instead if the environment has {@code CI=true}. */
    public static void missing(String what, Throwable cause) {
        if ("true".equals(System.getenv("CI"))) {
            fail(what, cause);
        }
        abort(cause == null ? what : what + ": " + cause.getMessage());
    }

    private static boolean succeeds(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it was looked for " + command[0], e);
        } finally {
            process.destroyForcibly();
        }
    }
}
