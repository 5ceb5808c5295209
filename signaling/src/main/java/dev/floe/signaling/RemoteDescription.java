package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The other side's description, while its candidates come in. */
final class RemoteDescription {

    private static final Logger log = LoggerFactory.getLogger(RemoteDescription.class);
    private static final int MAX_CANDIDATES = 256;

    private final IceDescription withoutCandidates;
    private final List<Candidate> candidates = new ArrayList<>();
    private boolean isEnded;

    /** @throws SignalingException if the credentials, the fingerprint or the options are of no use */
    RemoteDescription(SignalMessage.Description said) throws SignalingException {
        try {
            withoutCandidates = new IceDescription(
                    new IceCredentials(said.username(), said.password()),
                    said.fingerprint() == null ? null : normalized(said.fingerprint()),
                    new LinkedHashSet<>(said.options()),
                    List.of());
        } catch (IllegalArgumentException e) {
            throw new SignalingException(
                    SignalingException.BAD_MESSAGE, "the other side's description is of no use: " + e.getMessage(), e);
        }
    }

    /** Adds a candidate; empty if it is one that cannot be used here. */
    Optional<Candidate> add(String sdp) {
        try {
            Optional<Candidate> candidate =
                    candidates.size() < MAX_CANDIDATES ? Candidate.parse(sdp) : Optional.empty();
            candidate.ifPresent(candidates::add);
            return candidate;
        } catch (IllegalArgumentException e) {
            log.debug("dropped a remote candidate: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** There are no more candidates. */
    void end() {
        isEnded = true;
    }

    boolean isEnded() {
        return isEnded;
    }

    /** With the candidates so far. */
    IceDescription description() {
        Set<String> options = withoutCandidates.options();
        return new IceDescription(
                withoutCandidates.credentials(), withoutCandidates.fingerprint(), options, candidates);
    }

    // Others write fingerprints as SDP does (RFC 8122 §5): upper case, with colons.
    private static String normalized(String fingerprint) {
        return fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
    }
}
