package dev.floe.ice.agent;

import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.util.random.RandomGenerator;

/** The agent's role and what happens when both sides claim the same one (RFC 8445 §7.2.5.1, §7.3.1.1). */
final class RoleConflict {

    /** What a request's role attribute leads to. */
    enum Verdict {
        NO_CONFLICT,
        SWITCH,
        REFUSE
    }

    private final RandomGenerator tieBreakers;
    private final boolean isFixed;
    private long tieBreaker;
    private IceRole role;

    RoleConflict(IceRole role, RandomGenerator tieBreakers) {
        this(role, tieBreakers, false);
    }

    private RoleConflict(IceRole role, RandomGenerator tieBreakers, boolean isFixed) {
        this.role = role;
        this.isFixed = isFixed;
        this.tieBreakers = tieBreakers;
        tieBreaker = tieBreakers.nextLong();
    }

    /** That of a lite agent, which sends no checks and so leaves control to the other side (RFC 8445 §6.1.1). */
    static RoleConflict ofLite(RandomGenerator tieBreakers) {
        return new RoleConflict(IceRole.CONTROLLED, tieBreakers, true);
    }

    IceRole role() {
        return role;
    }

    /**
     * The other side can only be controlled.
     *
     * @return whether the role changed
     */
    boolean takeControl() {
        boolean isChange = role == IceRole.CONTROLLED;
        role = IceRole.CONTROLLING;
        return isChange;
    }

    StunAttribute attribute() {
        return role == IceRole.CONTROLLING
                ? new StunAttribute.IceControlling(tieBreaker)
                : new StunAttribute.IceControlled(tieBreaker);
    }

    /** Judges a request; after SWITCH the role is the other one. */
    Verdict judge(StunMessage request) {
        if (role == IceRole.CONTROLLING) {
            return request.find(StunAttribute.IceControlling.class)
                    .map(theirs -> isLarger(theirs.tieBreaker()) ? Verdict.REFUSE : switchRole())
                    .orElse(Verdict.NO_CONFLICT);
        }
        return request.find(StunAttribute.IceControlled.class)
                .map(theirs -> !isFixed && isLarger(theirs.tieBreaker()) ? switchRole() : Verdict.REFUSE)
                .orElse(Verdict.NO_CONFLICT);
    }

    /**
     * A 487 came for a request that claimed {@code claimed}: the role becomes the other one, unless it has already
     * changed since, and the tie-breaker a new one, lest two sides of the same go on refusing each other.
     *
     * @return whether it changed now
     */
    boolean refused(IceRole claimed) {
        if (role != claimed) {
            return false;
        }
        switchRole();
        tieBreaker = tieBreakers.nextLong();
        return true;
    }

    // "Larger than or equal": on a tie the one that is asked keeps its place.
    private boolean isLarger(long theirs) {
        return Long.compareUnsigned(tieBreaker, theirs) >= 0;
    }

    private Verdict switchRole() {
        role = role.opposite();
        return Verdict.SWITCH;
    }
}
