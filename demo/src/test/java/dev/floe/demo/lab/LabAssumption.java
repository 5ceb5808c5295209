package dev.floe.demo.lab;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.UncheckedIOException;

/** Whether this machine can run a {@link NatLab}. */
public final class LabAssumption {
    private LabAssumption() {}

    /**
     * Skips the test if this machine has no iproute2, nftables or conntrack, or if this process may not make network
     * namespaces, which takes root. Fails it instead if the environment has {@code CI=true}.
     */
    public static void assumeLab() {
        assume("No NAT lab on this machine", () -> {
            Shell.run("ip", "-V");
            Shell.run("conntrack", "-V");
            Shell.run("unshare", "--net", "nft", "list", "ruleset");
        });
    }

    /** Skips the test, or fails it, as {@link #assumeLab} does if this machine has no coturn. */
    public static void assumeCoturn() {
        assume("No coturn on this machine", () -> Shell.run("which", "turnserver"));
    }

    private static void assume(String otherwise, Runnable check) {
        try {
            check.run();
        } catch (UncheckedIOException | IllegalStateException e) {
            String reason = otherwise + ": " + e.getMessage();
            if ("true".equals(System.getenv("CI"))) {
                fail(reason, e);
            }
            abort(reason);
        }
    }
}
