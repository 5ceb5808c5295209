package dev.floe.ice;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;

/**
 * A UDP address at which a peer may be reached (RFC 8445 §5.1). Every candidate is of component 1: QUIC has one flow.
 *
 * @param foundation 1 to 32 characters in what we make, any visible ones in what others send (RFC 8445 §5.1.1.3)
 * @param priority 1 to 2³¹−1 (RFC 8445 §5.1.2)
 * @param address a literal IPv4 or IPv6 address and a port, never 0
 * @param type how the address was learned
 * @param relatedAddress the base's address as RFC 8839 §5.1 signals it, or null
 */
public record Candidate(
        String foundation,
        long priority,
        InetSocketAddress address,
        CandidateType type,
        InetSocketAddress relatedAddress) {

    /** The most characters of an SDP value that is looked at. */
    public static final int MAX_LENGTH = 512;

    private static final long MAX_PRIORITY = Integer.MAX_VALUE;

    public Candidate {
        Objects.requireNonNull(type, "type");
        if (foundation.isEmpty() || !foundation.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("foundation '" + foundation + "' is not visible ASCII");
        }
        if (priority < 1 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority " + priority + ", expected 1 to 2147483647");
        }
        if (address.isUnresolved() || address.getPort() == 0) {
            throw new IllegalArgumentException("address " + address + ", expected a literal address and a port");
        }
    }

    /**
     * The priority of RFC 8445 §5.1.2.1 for component 1.
     *
     * @param localPreference 0 to 65535
     */
    public static long priority(CandidateType type, int localPreference) {
        return ((long) type.preference() << 24) + ((long) localPreference << 8) + 255;
    }

    /**
     * Reads an SDP candidate value (RFC 8839 §5.1), with or without its {@code candidate:} prefix.
     *
     * @return empty if it is well formed but of no use here: another transport or component, a host name, a type that
     *     is not known, an IPv6 zone, or an address that nobody can be reached at
     * @throws IllegalArgumentException if it is malformed
     */
    public static Optional<Candidate> parse(String sdp) {
        if (sdp.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("candidate of " + sdp.length() + " characters, expected " + MAX_LENGTH);
        }
        String[] words = sdp.strip().replaceFirst("^(a=)?candidate:", "").split(" +");
        if (words.length < 8 || !words[6].equals("typ")) {
            throw new IllegalArgumentException("not an SDP candidate: '" + sdp + "'");
        }
        long component = number("component", words[1], 256);
        long priority = number("priority", words[3], 0xffff_ffffL);
        int port = (int) number("port", words[5], 0xffff);
        Optional<CandidateType> type = CandidateType.ofToken(words[7]);
        Optional<InetAddress> address = literal(words[4]);
        boolean usable = component == 1
                && words[2].equalsIgnoreCase("udp")
                && port != 0
                && priority >= 1
                && priority <= MAX_PRIORITY
                && type.isPresent()
                && address.filter(a -> !a.isAnyLocalAddress() && !a.isMulticastAddress() && !isBroadcast(a))
                        .isPresent();
        if (!usable) {
            return Optional.empty();
        }
        return Optional.of(new Candidate(
                words[0], priority, new InetSocketAddress(address.get(), port), type.get(), related(words)));
    }

    /** The value of an SDP candidate attribute, without its {@code candidate:} prefix. */
    public String toSdp() {
        String sdp = foundation + " 1 udp " + priority + " " + NetUtil.toAddressString(address.getAddress()) + " "
                + address.getPort() + " typ " + type.token();
        return relatedAddress == null
                ? sdp
                : sdp + " raddr " + NetUtil.toAddressString(relatedAddress.getAddress()) + " rport "
                        + relatedAddress.getPort();
    }

    private static InetSocketAddress related(String[] words) {
        String host = null;
        int port = -1;
        for (int i = 8; i + 1 < words.length; i += 2) {
            if (words[i].equals("raddr")) {
                host = words[i + 1];
            } else if (words[i].equals("rport")) {
                port = (int) number("rport", words[i + 1], 0xffff);
            }
        }
        if (host == null || port < 0) {
            return null;
        }
        int known = port;
        return literal(host).map(a -> new InetSocketAddress(a, known)).orElse(null);
    }

    private static Optional<InetAddress> literal(String host) {
        byte[] bytes = host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isBroadcast(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
    }

    private static long number(String what, String digits, long maximum) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 10 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber || Long.parseLong(digits) > maximum) {
            throw new IllegalArgumentException(what + " '" + digits + "', expected a number up to " + maximum);
        }
        return Long.parseLong(digits);
    }
}
