package dev.floe.ice.agent;

import dev.floe.ice.IceCredentials;
import dev.floe.stun.StunKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The credentials of one side in one generation: those in use, newer ones that wait for their first use, and those
 * before, which are good for a short grace after it. In-band rekeying replaces what signaling has carried, so that
 * whoever reads along there can do nothing any more.
 */
final class Keyring {

    // For what was under way when the newer ones came into use: a round trip on a slow path, and some reordering.
    private static final long GRACE_NANOS = Duration.ofSeconds(3).toNanos();

    // Nobody rekeys this often within the grace.
    private static final int MAX_KEYS = 4;

    /** Credentials and what signs with their password. */
    static final class Key {
        private final IceCredentials credentials;
        private final StunKey stunKey;
        private long expiryNanos = IceAgent.NEVER;

        private Key(IceCredentials credentials) {
            this.credentials = credentials;
            this.stunKey = StunKey.shortTerm(credentials.password());
        }

        String usernameFragment() {
            return credentials.usernameFragment();
        }

        StunKey stunKey() {
            return stunKey;
        }
    }

    private final String firstFragment;
    private final List<Key> oldestFirst = new ArrayList<>();
    private Key inUse;

    /** @param first what signaling has carried */
    Keyring(IceCredentials first) {
        firstFragment = first.usernameFragment();
        inUse = add(first);
    }

    /** A ring with what {@code other} has in use; candidates may still name what it had first. */
    Keyring(Keyring other) {
        firstFragment = other.firstFragment;
        inUse = add(other.inUse.credentials);
    }

    Key inUse() {
        return inUse;
    }

    /** Adds credentials that wait for their first use. */
    Key add(IceCredentials credentials) {
        Key key = new Key(credentials);
        oldestFirst.add(key);
        if (oldestFirst.size() > MAX_KEYS) {
            oldestFirst.remove(oldestFirst.get(0) == inUse ? 1 : 0);
        }
        return key;
    }

    /** The key is used: whatever is older is good for a short while only. */
    void use(Key key, long nowNanos) {
        if (oldestFirst.indexOf(key) <= oldestFirst.indexOf(inUse)) {
            return;
        }
        inUse = key;
        for (Key older : oldestFirst.subList(0, oldestFirst.indexOf(key))) {
            older.expiryNanos = Math.min(older.expiryNanos, nowNanos + GRACE_NANOS);
        }
    }

    /** The key with this username fragment that is good now. */
    Optional<Key> find(String usernameFragment, long nowNanos) {
        return good(nowNanos).stream()
                .filter(key -> key.usernameFragment().equals(usernameFragment))
                .reduce((older, newer) -> newer);
    }

    /** All that are good now. */
    List<Key> good(long nowNanos) {
        return oldestFirst.stream().filter(key -> nowNanos < key.expiryNanos).toList();
    }

    /** Those that are good now, and some that were. */
    Stream<String> usernameFragments() {
        return oldestFirst.stream().map(Key::usernameFragment);
    }

    /** Whether this names the side, be what goes with it good or not. */
    boolean isKnown(String usernameFragment) {
        return firstFragment.equals(usernameFragment)
                || oldestFirst.stream().anyMatch(key -> key.usernameFragment().equals(usernameFragment));
    }
}
