package dev.floe.stun;

/** What of the other end a NAT looks at: when it maps (RFC 4787, section 4.1), and when it filters (section 5). */
public enum NatBehavior {
    /** Nothing: one mapping for all, or everybody is let in. */
    ENDPOINT_INDEPENDENT,
    /** The address: one mapping for each, or those are let in that something was sent to. */
    ADDRESS_DEPENDENT,
    /** The address and the port. */
    ADDRESS_AND_PORT_DEPENDENT
}
