package dev.floe.ice;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * External addresses that a 1:1 NAT, as clouds have them, gives to addresses of this machine, port for port: no server
 * need be asked for them.
 *
 * @param external the external address of each internal one, of the same family
 * @param type {@code HOST}: host candidates are told under the external address instead of their own;
 *     {@code SERVER_REFLEXIVE}: the external address is told besides
 */
public record NatMapping(Map<InetAddress, InetAddress> external, CandidateType type) {

    /** No address is known to be mapped. */
    public static final NatMapping NONE = new NatMapping(Map.of(), CandidateType.HOST);

    /**
     * A mapping.
     *
     * @param external the external address of each internal one, of the same family
     * @param type {@code HOST}: host candidates are told under the external address instead of their own;
     *     {@code SERVER_REFLEXIVE}: the external address is told besides
     * @throws IllegalArgumentException for another type, or addresses of two families
     */
    public NatMapping {
        if (type != CandidateType.HOST && type != CandidateType.SERVER_REFLEXIVE) {
            throw new IllegalArgumentException("NAT mapping as " + type + ", expected HOST or SERVER_REFLEXIVE");
        }
        external = Map.copyOf(external);
        external.forEach((from, to) -> {
            if (from.getClass() != to.getClass()) {
                throw new IllegalArgumentException(
                        "NAT mapping from " + from + " to " + to + ", expected addresses of one family");
            }
        });
    }

    /**
     * {@return the external address of an internal one, if it is mapped}
     *
     * @param internal an address of this machine
     */
    public Optional<InetAddress> of(InetAddress internal) {
        return Optional.ofNullable(external.get(internal));
    }

    boolean isEmpty() {
        return external.isEmpty();
    }
}
