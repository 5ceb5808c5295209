package dev.floe.demo.interop;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What ICE has to say in an SDP (RFC 8839 §5), as lines. */
final class SdpText {
    /** What stands for {@link IceDescription#END_OF_CANDIDATES} in an SDP (RFC 8840 §8.2). */
    static final String END_OF_CANDIDATES = "a=end-of-candidates";

    private SdpText() {}

    /** The attributes of a description. */
    static List<String> of(IceDescription description) {
        Set<String> options = new LinkedHashSet<>(description.options());
        options.remove(IceDescription.END_OF_CANDIDATES);
        List<String> lines = new ArrayList<>();
        lines.add("a=ice-ufrag:" + description.credentials().usernameFragment());
        lines.add("a=ice-pwd:" + description.credentials().password());
        lines.add("a=ice-options:" + String.join(" ", options));
        description.candidates().forEach(candidate -> lines.add("a=candidate:" + candidate.toSdp()));
        if (description.isComplete()) {
            lines.add(END_OF_CANDIDATES);
        }
        return lines;
    }

    /** The description in an SDP, without the candidates that are of no use. */
    static IceDescription parse(List<String> sdp) {
        List<Candidate> candidates = values(sdp, "candidate").stream()
                .map(Candidate::parse)
                .flatMap(Optional::stream)
                .toList();
        Set<String> options = values(sdp, "ice-options").stream()
                .flatMap(line -> Stream.of(line.split(" ")))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (sdp.contains(END_OF_CANDIDATES)) {
            options.add(IceDescription.END_OF_CANDIDATES);
        }
        IceCredentials credentials = new IceCredentials(value(sdp, "ice-ufrag"), value(sdp, "ice-pwd"));
        return new IceDescription(credentials, null, options, candidates);
    }

    /** The values of an attribute, in order. */
    static List<String> values(List<String> sdp, String attribute) {
        String prefix = "a=" + attribute + ":";
        return sdp.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    private static String value(List<String> sdp, String attribute) {
        return values(sdp, attribute).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no " + attribute + " in " + sdp));
    }
}
