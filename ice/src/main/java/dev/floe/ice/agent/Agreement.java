package dev.floe.ice.agent;

import dev.floe.ice.IceDescription;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * What two sides can do together, by what each of them offers.
 *
 * @param isRevisable whether a nomination may be revised by a later one
 * @param isTrickled whether candidates may follow the description (RFC 8838)
 * @param isConsentGiven whether the other side is known to go on answering checks once it is connected
 * @param isLocalLite whether this side sends no checks (RFC 8445 §2.5)
 * @param isRemoteLite whether the other side sends none
 * @param pacingNanos Ta, between two requests of this side (RFC 8445 §14.2)
 * @param timing how checks are repeated
 */
record Agreement(
        boolean isRevisable,
        boolean isTrickled,
        boolean isConsentGiven,
        boolean isLocalLite,
        boolean isRemoteLite,
        long pacingNanos,
        CheckTiming timing) {

    private static final Duration DEFAULT_PACING = Duration.ofMillis(50);

    /** @param pacing what this side would like */
    static Agreement of(IceDescription local, IceDescription remote, Duration pacing) {
        OptionalInt theirs = remote.icePacing();
        boolean isPacingAgreed = local.icePacing().isPresent() && theirs.isPresent();
        Duration least = isPacingAgreed ? Duration.ofMillis(theirs.getAsInt()) : DEFAULT_PACING;
        return new Agreement(
                bothOffer(IceDescription.RENOMINATION, local, remote)
                        && bothOffer(IceDescription.CONTINUAL_GATHERING, local, remote),
                bothOffer(IceDescription.TRICKLE, local, remote),
                // A peer without options may stop answering checks once it is connected.
                !remote.options().isEmpty(),
                local.offers(IceDescription.ICE_LITE),
                remote.offers(IceDescription.ICE_LITE),
                Math.max(pacing.toNanos(), least.toNanos()),
                CheckTiming.of(isPacingAgreed));
    }

    private static boolean bothOffer(String option, IceDescription local, IceDescription remote) {
        return local.offers(option) && remote.offers(option);
    }
}
