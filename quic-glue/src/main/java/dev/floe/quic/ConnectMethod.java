package dev.floe.quic;

import dev.floe.ice.IceDescription;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * By which method two peers find the way over which their QUIC connection goes; both have to name the same one. Whichever
 * it is, they end with the same connection, the same check of identities and the same path layer.
 */
public enum ConnectMethod {
    /** ICE finds a way, then QUIC takes it (RFC 8445). */
    ICE,

    /** QUIC's handshake is the check: libp2p's DCUtR, without ICE before the connection stands. */
    PUNCH,

    /**
     * QUIC begins over a relay and moves to a direct way (draft-seemann-quic-nat-traversal). Takes a TURN server on both
     * sides, and the client's second stream besides its first.
     */
    DRAFT;

    private static final String OPTION = "method:";

    /** {@return its name as people write it: {@code punch}} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** These options of a description, and the word that says which method it is for; ICE goes without saying. */
    Set<String> addedTo(Set<String> options) {
        if (this == ICE) {
            return options;
        }
        Set<String> named = new LinkedHashSet<>(options);
        named.add(OPTION + word());
        return named;
    }

    /** Fails if the other side connects by another method. */
    void requireOf(IceDescription remote) throws MethodMismatchException {
        String theirs = remote.options().stream()
                .filter(option -> option.startsWith(OPTION))
                .map(option -> option.substring(OPTION.length()))
                .findFirst()
                .orElse(ICE.word());
        if (!theirs.equals(word())) {
            throw new MethodMismatchException(this, theirs);
        }
    }
}
