package dev.floe.ice;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A UDP address at which a peer may be reached (RFC 8445 §5.1). Every candidate is of component 1: QUIC has one flow.
 *
 * @param foundation 1 to 32 characters in what we make, any visible ones in what others send (RFC 8445 §5.1.1.3)
 * @param priority 1 to 2³¹−1 (RFC 8445 §5.1.2)
 * @param address an IPv4 or IPv6 address and a port, never 0; or, unresolved, the mDNS name that hides one
 *     (draft-ietf-mmusic-mdns-ice-candidates): a UUID and {@code .local}
 * @param type how the address was learned
 * @param relatedAddress the base's address as RFC 8839 §5.1 signals it, or null
 * @param usernameFragment the username fragment of the session that the candidate is said to be of, or null
 */
public record Candidate(
        String foundation,
        long priority,
        InetSocketAddress address,
        CandidateType type,
        InetSocketAddress relatedAddress,
        String usernameFragment) {

    /** The most characters of an SDP value that is looked at. */
    public static final int MAX_LENGTH = 512;

    static final long MAX_PRIORITY = Integer.MAX_VALUE;

    private static final Pattern MDNS_NAME =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.local", Pattern.CASE_INSENSITIVE);

    /**
     * A candidate.
     *
     * @param foundation 1 to 32 characters in what we make, any visible ones in what others send (RFC 8445 §5.1.1.3)
     * @param priority 1 to 2³¹−1 (RFC 8445 §5.1.2)
     * @param address an IPv4 or IPv6 address and a port, never 0; or, unresolved, the mDNS name that hides one
     *     (draft-ietf-mmusic-mdns-ice-candidates): a UUID and {@code .local}
     * @param type how the address was learned
     * @param relatedAddress the base's address as RFC 8839 §5.1 signals it, or null
     * @param usernameFragment the username fragment of the session that the candidate is said to be of, or null
     * @throws IllegalArgumentException for a priority out of range, an address that is neither literal nor an mDNS
     *     name, or blanks where SDP allows none
     */
    public Candidate {
        Objects.requireNonNull(type, "type");
        requireVisible("foundation", foundation);
        if (priority < 1 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority " + priority + ", expected 1 to 2147483647");
        }
        boolean isReal = !address.isUnresolved() || isMdnsName(address.getHostString());
        if (!isReal || address.getPort() == 0) {
            throw new IllegalArgumentException(
                    "address " + address + ", expected a literal address or an mDNS name, and a port");
        }
        if (usernameFragment != null) {
            requireVisible("username fragment", usernameFragment);
        }
    }

    /**
     * A candidate that says nothing of its session.
     *
     * @param foundation visible characters, the same for candidates of one kind, base and server (RFC 8445 §5.1.1.3)
     * @param priority 1 to 2³¹−1 (RFC 8445 §5.1.2)
     * @param address an address and a port, or an mDNS name and a port
     * @param type how the address was learned
     * @param relatedAddress the base's address as RFC 8839 §5.1 signals it, or null
     */
    public Candidate(
            String foundation,
            long priority,
            InetSocketAddress address,
            CandidateType type,
            InetSocketAddress relatedAddress) {
        this(foundation, priority, address, type, relatedAddress, null);
    }

    /**
     * {@return the priority of RFC 8445 §5.1.2.1 for component 1}
     *
     * @param type whose preference counts most
     * @param localPreference 0 to 65535
     */
    public static long priority(CandidateType type, int localPreference) {
        return ((long) type.preference() << 24) + ((long) localPreference << 8) + 255;
    }

    /**
     * Reads an SDP candidate value (RFC 8839 §5.1), with or without its {@code candidate:} prefix. What others add to
     * it is passed over.
     *
     * @param sdp one line at most, without its end
     * @return empty if it is well formed but of no use here: another transport or component, a host name that is not an
     *     mDNS candidate's, a type that is not known, an IPv6 zone, or an address that nobody can be reached at
     * @throws IllegalArgumentException if it is malformed
     */
    public static Optional<Candidate> parse(String sdp) {
        return CandidateParser.parse(sdp);
    }

    /** {@return the value of an SDP candidate attribute, without its {@code candidate:} prefix} */
    public String toSdp() {
        StringBuilder sdp = new StringBuilder(foundation)
                .append(" 1 udp ")
                .append(priority)
                .append(' ')
                .append(host())
                .append(' ')
                .append(address.getPort())
                .append(" typ ")
                .append(type.token());
        if (relatedAddress != null) {
            sdp.append(" raddr ").append(NetUtil.toAddressString(relatedAddress.getAddress()));
            sdp.append(" rport ").append(relatedAddress.getPort());
        }
        if (usernameFragment != null) {
            sdp.append(" ufrag ").append(usernameFragment);
        }
        return sdp.toString();
    }

    /** {@return the address without its port, as SDP has it: a literal, or an mDNS name that is not resolved yet} */
    public String host() {
        return address.isUnresolved() ? address.getHostString() : NetUtil.toAddressString(address.getAddress());
    }

    /** {@return whether the address was told as an mDNS name, be it resolved since or not} */
    public boolean isMdns() {
        return isMdnsName(address.getHostString());
    }

    /** The same with the mDNS name resolved; {@link #isMdns} still holds of it. */
    Candidate resolved(InetAddress address) {
        try {
            InetAddress named = InetAddress.getByAddress(host(), address.getAddress());
            InetSocketAddress resolved = new InetSocketAddress(named, this.address.getPort());
            return new Candidate(foundation, priority, resolved, type, relatedAddress, usernameFragment);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a length of its own: " + address, e);
        }
    }

    /** The same, of the session with this username fragment; null says nothing of it. */
    Candidate ofGeneration(String usernameFragment) {
        return new Candidate(foundation, priority, address, type, relatedAddress, usernameFragment);
    }

    static boolean isMdnsName(String host) {
        return MDNS_NAME.matcher(host).matches();
    }

    private static void requireVisible(String what, String value) {
        if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(what + " '" + value + "' is not visible ASCII");
        }
    }
}
