package dev.floe.ice;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the candidate attribute of RFC 8839 §5.1 as peers really write it. */
final class CandidateParser {

    private static final Pattern PREFIX = Pattern.compile("^((a=)?candidate:)+");
    private static final Pattern SPACES = Pattern.compile(" +");
    private static final int FIRST_EXTENSION = 8;

    private final String[] words;

    private CandidateParser(String[] words) {
        this.words = words;
    }

    static Optional<Candidate> parse(String sdp) {
        if (sdp.length() > Candidate.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "candidate of " + sdp.length() + " characters, expected at most " + Candidate.MAX_LENGTH);
        }
        String[] words = SPACES.split(PREFIX.matcher(sdp.strip()).replaceFirst(""));
        if (words.length < FIRST_EXTENSION || !words[6].equalsIgnoreCase("typ")) {
            throw new IllegalArgumentException("not an SDP candidate: '" + sdp + "'");
        }
        return new CandidateParser(words).candidate();
    }

    private Optional<Candidate> candidate() {
        long component = number("component", words[1], 256);
        long priority = number("priority", words[3], 0xffff_ffffL);
        int port = (int) number("port", words[5], 0xffff);
        Optional<CandidateType> type = CandidateType.ofToken(words[7].toLowerCase(Locale.ROOT));
        Optional<InetSocketAddress> address = address(words[4], port);
        InetSocketAddress related = related();
        boolean isUsable = component == 1
                && words[2].equalsIgnoreCase("udp")
                && port != 0
                && priority >= 1
                && priority <= Candidate.MAX_PRIORITY
                && type.isPresent()
                && address.isPresent();
        return isUsable
                ? Optional.of(new Candidate(words[0], priority, address.get(), type.get(), related, extension("ufrag")))
                : Optional.empty();
    }

    // RFC 8839 §5.1 has names ignored; draft-ietf-mmusic-mdns-ice-candidates §3.2 excepts those of its own form alone,
    // so
    // that nobody makes us talk to a printer that they know the name of.
    private static Optional<InetSocketAddress> address(String host, int port) {
        return Candidate.isMdnsName(host)
                ? Optional.of(InetSocketAddress.createUnresolved(host, port))
                : literal(host)
                        .filter(CandidateParser::isReachable)
                        .map(literal -> new InetSocketAddress(literal, port));
    }

    private InetSocketAddress related() {
        String host = extension("raddr");
        String digits = extension("rport");
        int port = digits == null ? 0 : (int) number("rport", digits, 0xffff);
        return host == null || digits == null
                ? null
                : literal(host)
                        .map(literal -> new InetSocketAddress(literal, port))
                        .orElse(null);
    }

    /** The value that goes with a name among the pairs at the end, or null. */
    private String extension(String name) {
        for (int i = FIRST_EXTENSION; i + 1 < words.length; i += 2) {
            if (words[i].equalsIgnoreCase(name)) {
                return words[i + 1];
            }
        }
        return null;
    }

    private static Optional<InetAddress> literal(String host) {
        // A zone means something on the machine that wrote it only.
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

    static boolean isReachable(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean isIpv4 = bytes.length == 4;
        boolean isBroadcast = isIpv4 && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
        boolean needsZone = !isIpv4 && address.isLinkLocalAddress();
        return !address.isAnyLocalAddress() && !address.isMulticastAddress() && !isBroadcast && !needsZone;
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
