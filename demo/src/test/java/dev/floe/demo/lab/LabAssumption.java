package dev.floe.demo.lab;

import dev.floe.testing.Requirement;
import java.io.IOException;

/** Whether this machine can run a {@link NatLab}. */
public final class LabAssumption {
    private LabAssumption() {}

    /**
     * Skips the test if this machine has no iproute2, nftables or conntrack, or if this process may not make network
     * namespaces, which takes root. Fails it instead if the environment has {@code CI=true}.
     */
    public static void assumeLab() {
        try {
            NatLab.require();
        } catch (IOException e) {
            Requirement.missing("No NAT lab on this machine", e);
        }
    }

    /** Skips the test, or fails it, as {@link #assumeLab} does if this machine has no coturn. */
    public static void assumeCoturn() {
        Requirement.runs("coturn", "which", "turnserver");
    }
}
