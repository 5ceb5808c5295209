package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other side's description, while its candidates come in: they are kept until an exchange takes them, and then that
 * hears of what comes after.
 */
final class RemoteDescription {

    private static final Logger log = LoggerFactory.getLogger(RemoteDescription.class);

    private static final int MAX_WORD_CHARACTERS = (TrickleExchange.MAX_MESSAGE + 2) / 3 * 4;
    private static final int MAX_EARLY_WORDS = 4;

    private final SignalMessage.Description said;
    private final IceDescription withoutCandidates;
    private final List<Candidate> candidates = new ArrayList<>();
    private final CandidateBudget budget = new CandidateBudget(System::nanoTime);
    private final List<byte[]> earlyWords = new ArrayList<>();
    private ClientExchange taker;
    private boolean isEnded;

    /** @throws SignalingException if the credentials, the fingerprint or the options are of no use */
    RemoteDescription(SignalMessage.Description said) throws SignalingException {
        this.said = said;
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

    /** Reads a candidate; empty if it is one that cannot be used here. */
    static Optional<Candidate> parse(String sdp) {
        try {
            return Candidate.parse(sdp);
        } catch (IllegalArgumentException e) {
            log.debug("dropped a remote candidate: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether it was said in these words. */
    boolean isSaidBy(SignalMessage.Description description) {
        return said.equals(description);
    }

    /** Whether a candidate names it as the one that it belongs to. */
    boolean isNamedBy(Candidate candidate) {
        return isNamed(candidate.usernameFragment());
    }

    boolean isNamed(String username) {
        return said.username().equals(username);
    }

    /** Adds a candidate, or tells the taker of it; false if it is one too many. */
    boolean add(Candidate candidate) {
        if (!budget.take()) {
            return false;
        }
        Candidate own = isNamedBy(candidate) ? unnamed(candidate) : candidate;
        if (taker == null) {
            // A peer that had to join anew says again what it had said.
            if (candidates.size() < CandidateBudget.AT_ONCE && !candidates.contains(own)) {
                candidates.add(own);
            }
        } else if (!taker.isWhole()) {
            taker.theirs().add(own);
        }
        return true;
    }

    /**
     * Takes a word that is neither a candidate nor their end, or tells the taker of it; false if it is of no use.
     * Whoever says more than {@value #MAX_EARLY_WORDS} of them before it can know that it is described says nothing.
     */
    boolean hear(SignalMessage.HolePunch word) {
        if (word.payload().length() > MAX_WORD_CHARACTERS) {
            return false;
        }
        byte[] content;
        try {
            content = Base64.getDecoder().decode(word.payload());
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (taker != null) {
            if (taker.isWhole()) {
                return false;
            }
            taker.theirs().message(content);
            return true;
        }
        return earlyWords.size() < MAX_EARLY_WORDS && earlyWords.add(content);
    }

    /** There are no more candidates, for now. */
    void end() {
        if (!isEnded && isTaken() && !taker.isWhole()) {
            taker.theirs().end();
        }
        isEnded = true;
    }

    boolean isEnded() {
        return isEnded;
    }

    /** This exchange, which has the description, hears of what comes after. */
    void takenBy(ClientExchange exchange) {
        taker = exchange;
        candidates.clear();
        if (isEnded && !taker.isWhole()) {
            taker.theirs().end();
        }
        if (!taker.isWhole()) {
            earlyWords.forEach(taker.theirs()::message);
        }
        earlyWords.clear();
    }

    boolean isTaken() {
        return taker != null;
    }

    /** With the candidates so far. */
    IceDescription description() {
        return new IceDescription(
                withoutCandidates.credentials(),
                withoutCandidates.fingerprint(),
                withoutCandidates.options(),
                candidates);
    }

    // Inside the session the name may be another one by now, and whose the candidate is has been found out here.
    private static Candidate unnamed(Candidate candidate) {
        return new Candidate(
                candidate.foundation(),
                candidate.priority(),
                candidate.address(),
                candidate.type(),
                candidate.relatedAddress());
    }

    // Others write fingerprints as SDP does (RFC 8122 §5): upper case, with colons.
    private static String normalized(String fingerprint) {
        return fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
    }
}
