package dev.floe.ice;

/** Who nominates (RFC 8445 §2.3). */
public enum IceRole {
    /** Nominates the pair to be used. */
    CONTROLLING,
    /** Uses the pair that the other side nominates. */
    CONTROLLED;

    /** {@return the other one} */
    public IceRole opposite() {
        return this == CONTROLLING ? CONTROLLED : CONTROLLING;
    }
}
