package dev.floe.stun.turn;

import dev.floe.stun.OctetString;
import dev.floe.stun.StunAttribute.AdditionalAddressFamily;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.MobilityTicket;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.RequestedAddressFamily;
import dev.floe.stun.StunAttribute.RequestedTransport;
import dev.floe.stun.StunAttributeType;
import dev.floe.stun.StunMessage;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What is in an Allocate request, and when its success is to be refreshed. */
final class TurnRequests {
    private static final long DEFAULT_SECONDS = 600;
    private static final long MAX_SECONDS = 86_400;
    private static final long MARGIN_SECONDS = 60;

    /** ADDITIONAL-ADDRESS-FAMILY as its draft had it, and coturn 4.6 has it still; whoever does not know it ignores it. */
    private static final Opaque ADDITIONAL_IN_COTURN =
            new Opaque(StunAttributeType.of(0x8032), OctetString.of((byte) 2, (byte) 0, (byte) 0, (byte) 0));

    private TurnRequests() {}

    /** RFC 8656, section 7.1: neither attribute means IPv4, and both together are forbidden. */
    static void allocate(StunMessage.Builder request, TurnFamilies families, boolean isMobile) {
        request.add(RequestedTransport.UDP);
        switch (families) {
            case IPV4 -> {}
            case IPV6 -> request.add(RequestedAddressFamily.IPV6);
            case BOTH -> request.add(AdditionalAddressFamily.IPV6).add(ADDITIONAL_IN_COTURN);
        }
        if (isMobile) {
            request.add(new MobilityTicket(OctetString.of()));
        }
    }

    /** A minute before the allocation ends, or after half of its time if that is short. */
    static long refreshAfterNanos(Optional<Lifetime> granted) {
        long seconds = granted.map(Lifetime::seconds).orElse(DEFAULT_SECONDS);
        long bounded = Math.max(1, Math.min(seconds, MAX_SECONDS));
        return TimeUnit.SECONDS.toNanos(bounded)
                - TimeUnit.MILLISECONDS.toNanos(Math.min(MARGIN_SECONDS * 1000, bounded * 500));
    }
}
