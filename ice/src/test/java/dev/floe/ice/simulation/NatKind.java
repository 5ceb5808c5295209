package dev.floe.ice.simulation;

/** How a NAT maps and filters (RFC 4787 §4.1, §5), by the old names that everybody uses. */
enum NatKind {
    NONE,
    FULL_CONE,
    ADDRESS_RESTRICTED,
    PORT_RESTRICTED,
    SYMMETRIC;

    /** Whether two hosts behind these NATs can reach each other with STUN alone and without guessing ports. */
    boolean canReach(NatKind other) {
        return !(this == SYMMETRIC && other.filtersPorts()) && !(other == SYMMETRIC && filtersPorts());
    }

    private boolean filtersPorts() {
        return this == PORT_RESTRICTED || this == SYMMETRIC;
    }
}
