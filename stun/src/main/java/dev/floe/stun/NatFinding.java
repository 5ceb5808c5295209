package dev.floe.stun;

/** What is known about a {@link NatBehavior}. */
public sealed interface NatFinding {
    /** This is how the NAT behaved when it was tried. */
    record Known(NatBehavior behavior) implements NatFinding {}

    /** It looks at this of the other end, and perhaps at more. */
    record AtLeast(NatBehavior behavior) implements NatFinding {}

    /**
     * It could not be found out.
     *
     * @param reason in words, for people
     */
    record Unknown(String reason) implements NatFinding {}
}
