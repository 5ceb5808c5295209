package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import java.util.List;
import java.util.Set;

/** Descriptions that differ by their names. */
final class Descriptions {

    static final String CANDIDATE = "f1 1 udp 2130706431 192.0.2.7 5000 typ host";
    static final String REFLEXIVE = "f2 1 udp 1694498815 198.51.100.7 6000 typ srflx raddr 192.0.2.7 rport 5000";

    private Descriptions() {}

    /** @param name at least four letters or digits */
    static IceDescription named(String name) {
        return new IceDescription(
                new IceCredentials(name, "password-of-" + name + "-0123456789"),
                "0123456789abcdef".repeat(4),
                Set.of(IceDescription.RENOMINATION),
                List.of(
                        Candidate.parse(CANDIDATE).orElseThrow(),
                        Candidate.parse(REFLEXIVE).orElseThrow()));
    }

    /** The same without candidates. */
    static IceDescription bare(String name) {
        IceDescription whole = named(name);
        return new IceDescription(whole.credentials(), whole.fingerprint(), whole.options(), List.of());
    }
}
