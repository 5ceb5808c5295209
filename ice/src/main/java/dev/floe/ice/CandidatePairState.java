package dev.floe.ice;

/** The state of a pair's check (RFC 8445 §6.1.2.6). */
public enum CandidatePairState {
    /** May not be checked before another pair of its foundation has succeeded. → WAITING */
    FROZEN,
    /** No check has been sent for it yet, or a triggered one is due. → IN_PROGRESS */
    WAITING,
    /** A check was sent and neither answered nor given up. → SUCCEEDED, FAILED, WAITING (triggered) */
    IN_PROGRESS,
    /** A check was answered. → WAITING (to nominate) */
    SUCCEEDED,
    /** A check was refused or never answered. → WAITING (triggered by the other side's check) */
    FAILED
}
