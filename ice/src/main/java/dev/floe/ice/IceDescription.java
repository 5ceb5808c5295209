package dev.floe.ice;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What one side tells the other through signaling: how to reach it, how to authenticate its checks, what it can do.
 *
 * @param credentials this session's username fragment and password
 * @param fingerprint the certificate's SHA-256 in lower-case hexadecimal, 64 characters, or null if the side names none
 * @param options words for what the side can do beyond RFC 8445; empty from a peer that is not Floe
 * @param candidates the side's candidates; more may follow unless it {@link #isComplete}
 */
public record IceDescription(
        IceCredentials credentials, String fingerprint, Set<String> options, List<Candidate> candidates) {

    /** A nomination may be revised by a later one (draft-thatcher-ice-renomination). */
    public static final String RENOMINATION = "renomination";

    /** Candidates go on being looked for, and checked, after a pair has been nominated. */
    public static final String CONTINUAL_GATHERING = "continual-gathering";

    /** Candidates may follow the description, one by one (RFC 8838). */
    public static final String TRICKLE = "trickle";

    /** The side answers checks, sends none and never controls (RFC 8445 §2.5). */
    public static final String ICE_LITE = "ice-lite";

    /** The description has all candidates, though the side can trickle: RFC 8838 §16's half trickle. */
    public static final String END_OF_CANDIDATES = "end-of-candidates";

    /** The first stream of the connection that ICE opens is for the two agents, not for the application. */
    public static final String CONTROL_STREAM = "control-stream:1";

    private static final String ICE_PACING = "ice-pacing:";
    private static final int MAX_OPTIONS = 32;

    /**
     * A description.
     *
     * @param credentials this session's username fragment and password
     * @param fingerprint lower-case hexadecimal SHA-256 of the side's certificate, or null
     * @param options words for what the side can do beyond RFC 8445; empty from a peer that is not Floe
     * @param candidates the side's candidates; more may follow unless it {@link #isComplete}
     * @throws IllegalArgumentException for a fingerprint that is none, or too many options
     */
    public IceDescription {
        if (fingerprint != null && !fingerprint.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "fingerprint '" + fingerprint + "', expected 64 lower-case hexadecimal digits");
        }
        if (options.size() > MAX_OPTIONS) {
            throw new IllegalArgumentException(options.size() + " options, expected at most " + MAX_OPTIONS);
        }
        options = Collections.unmodifiableSet(new LinkedHashSet<>(options));
        candidates = List.copyOf(candidates);
    }

    /** {@return the fingerprint, if the side named one} */
    public Optional<String> certificateFingerprint() {
        return Optional.ofNullable(fingerprint);
    }

    /**
     * {@return the same with this fingerprint}
     *
     * @param fingerprint 64 lower-case hexadecimal digits, or null
     */
    public IceDescription withFingerprint(String fingerprint) {
        return new IceDescription(credentials, fingerprint, options, candidates);
    }

    /**
     * {@return whether the side names this option}
     *
     * @param option one of this class's constants, or any other word
     */
    public boolean offers(String option) {
        return options.contains(option);
    }

    /** {@return whether no more candidates follow} */
    public boolean isComplete() {
        return !offers(TRICKLE) || offers(END_OF_CANDIDATES);
    }

    /**
     * {@return the option that proposes a pacing of {@code millis} between checks (RFC 8839 §5.6's attribute)}
     *
     * @param millis one or more
     */
    public static String icePacing(int millis) {
        return ICE_PACING + millis;
    }

    /** {@return the pacing that the side proposes, in milliseconds, if it proposes one} */
    public OptionalInt icePacing() {
        return options.stream()
                .filter(option -> option.matches(ICE_PACING + "[0-9]{1,4}"))
                .mapToInt(option -> Integer.parseInt(option.substring(ICE_PACING.length())))
                .findFirst();
    }
}
