package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the ICE session over the control stream: fresh credentials that signaling never sees, all candidates, and
 * restarts. Confined to the event loop.
 */
final class InBandSignaling implements ControlStreamHandler.Speaker {

    private static final Logger log = LoggerFactory.getLogger(InBandSignaling.class);
    private static final int RESTARTS_AT_ONCE = 8;
    private static final double RESTARTS_PER_SECOND = 0.2;

    private final IceHandler ice;
    private final IcePathHandler path;
    private final Allowance restarts = new Allowance(RESTARTS_AT_ONCE, RESTARTS_PER_SECOND, System::nanoTime);
    private ControlStreamHandler stream;
    private boolean isBeginning;
    private String localFragment;
    private String remoteFragment;

    InBandSignaling(IceHandler ice, IcePathHandler path) {
        this.ice = ice;
        this.path = path;
    }

    /** The same, with the control stream among its options unless somebody has chosen others than Floe's own. */
    static IceConfig offering(IceConfig config) {
        Set<String> options = new LinkedHashSet<>(config.options());
        if (options.contains(IceDescription.RENOMINATION) && options.contains(IceDescription.CONTINUAL_GATHERING)) {
            options.add(IceDescription.CONTROL_STREAM);
        }
        return config.withOptions(options);
    }

    /** Whether the two have a control stream. */
    static boolean isAgreed(IceDescription local, IceDescription remote) {
        return local.offers(IceDescription.CONTROL_STREAM) && remote.offers(IceDescription.CONTROL_STREAM);
    }

    /** Signaling has named no credentials of ICE's: it begins over the stream. */
    void begin() {
        isBeginning = true;
    }

    /** Whether what is said now has a way to the other side. */
    boolean isOpen() {
        return stream != null && stream.isOpen();
    }

    /** Whether the other side has said over the stream by which credentials it is to be known. */
    boolean isEstablished() {
        return remoteFragment != null;
    }

    /** This side has found one more candidate. */
    void found(Candidate candidate) {
        if (isOpen()) {
            stream.say(new ControlFrame.CandidateLine(localFragment, candidate));
        }
    }

    /** This side has no more candidates for now. */
    void gathered() {
        if (isOpen()) {
            stream.say(new ControlFrame.EndOfCandidates(localFragment));
        }
    }

    /** This side starts over, of itself or because the other side did. */
    void restarted(IceDescription local) {
        if (isOpen()) {
            localFragment = local.credentials().usernameFragment();
            stream.say(new ControlFrame.Description(local.credentials(), local.options()));
        }
    }

    /** What signaling has held back or altered of the candidates is made up for here. */
    @Override
    public void opened(ControlStreamHandler opened) {
        stream = opened;
        IceDescription local = ice.localDescription();
        if (isBeginning) {
            restarted(local);
        } else {
            IceCredentials fresh = ice.newCredentials();
            localFragment = fresh.usernameFragment();
            stream.say(new ControlFrame.Credentials(fresh));
        }
        local.candidates().forEach(this::found);
        if (local.isComplete()) {
            gathered();
        }
    }

    @Override
    public void heard(ControlFrame frame) {
        if (frame instanceof ControlFrame.Credentials fresh) {
            remoteFragment = fresh.credentials().usernameFragment();
            ice.remoteCredentials(fresh.credentials());
            path.distrust();
        } else if (frame instanceof ControlFrame.CandidateLine line) {
            ice.addRemoteCandidate(line.candidate(), line.usernameFragment());
        } else if (frame instanceof ControlFrame.EndOfCandidates end) {
            if (end.usernameFragment().equals(remoteFragment)) {
                ice.endOfRemoteCandidates();
            }
        } else if (frame instanceof ControlFrame.Description description) {
            described(description);
        }
    }

    private void described(ControlFrame.Description description) {
        if (restarts.takes(1)) {
            remoteFragment = description.credentials().usernameFragment();
            ice.setRemoteDescription(
                    new IceDescription(description.credentials(), null, description.options(), List.of()));
        } else {
            log.debug("dropped one of too many restarts");
        }
    }
}
