package dev.floe.ice;

/** Who nominates (RFC 8445 §2.3). */
public enum IceRole {
    CONTROLLING,
    CONTROLLED;

    /** The other one. */
    public IceRole opposite() {
        return this == CONTROLLING ? CONTROLLED : CONTROLLING;
    }
}
