package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceHandler;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.Future;

/**
 * Hands the candidates that signaling brings on to ICE, once it has brought the description. When the other side has been
 * heard in-band, all that signaling can do yet is to have addresses checked, within bounds.
 */
final class SignaledCandidates implements TrickleExchange.Candidates {

    private static final int LATE_AT_ONCE = 64;
    private static final double LATE_PER_SECOND = 0.1;

    private final IceHandler ice;
    private final InBandSignaling inBand;
    private final Future<Void> described;
    private final Allowance late = new Allowance(LATE_AT_ONCE, LATE_PER_SECOND, System::nanoTime);

    /** @param described completes, on the event loop, when ICE has the description */
    SignaledCandidates(IceHandler ice, InBandSignaling inBand, Future<Void> described) {
        this.ice = ice;
        this.inBand = inBand;
        this.described = described;
    }

    @Override
    public void add(Candidate candidate) {
        described.addListener(done -> {
            if (!inBand.isEstablished() || late.takes(1)) {
                ice.addRemoteCandidate(candidate);
            }
        });
    }

    @Override
    public void end() {
        described.addListener(done -> {
            if (!inBand.isEstablished()) {
                ice.endOfRemoteCandidates();
            }
        });
    }
}
