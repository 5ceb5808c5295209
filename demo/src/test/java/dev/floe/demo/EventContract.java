package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.ProcessPeer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;

/** What programs may rely on in the lines that {@code --json} prints. */
final class EventContract {
    private static final Map<String, JsonNodeType> PAIR = Map.of(
            "local", JsonNodeType.STRING,
            "remote", JsonNodeType.STRING,
            "type", JsonNodeType.STRING,
            "rtt_ms", JsonNodeType.NUMBER);

    /** Each event's own fields; a result has more, by how it ends. */
    private static final Map<String, Map<String, JsonNodeType>> FIELDS = Map.ofEntries(
            Map.entry(
                    "listening",
                    Map.of(
                            "what", JsonNodeType.STRING,
                            "address", JsonNodeType.STRING,
                            "port", JsonNodeType.NUMBER)),
            Map.entry(
                    "candidate",
                    Map.of(
                            "side", JsonNodeType.STRING,
                            "type", JsonNodeType.STRING,
                            "address", JsonNodeType.STRING,
                            "port", JsonNodeType.NUMBER,
                            "priority", JsonNodeType.NUMBER)),
            Map.entry("gathered", Map.of("candidates", JsonNodeType.NUMBER)),
            Map.entry("signaled", Map.of()),
            Map.entry("ice-connected", PAIR),
            Map.entry("nominated", PAIR),
            Map.entry("pipeline", Map.of("before", JsonNodeType.ARRAY, "after", JsonNodeType.ARRAY)),
            Map.entry("quic-connected", Map.of("role", JsonNodeType.STRING, "remote_fingerprint", JsonNodeType.STRING)),
            Map.entry("echo", Map.of("bytes", JsonNodeType.NUMBER)),
            Map.entry(
                    "path-changed",
                    Map.of(
                            "from", JsonNodeType.STRING,
                            "to", JsonNodeType.STRING,
                            "gap_ms", JsonNodeType.NUMBER)),
            Map.entry("code", Map.of("code", JsonNodeType.STRING)),
            Map.entry("progress", Map.of("bytes", JsonNodeType.NUMBER)),
            Map.entry("closed", Map.of("reason", JsonNodeType.STRING)),
            Map.entry("result", Map.of("ok", JsonNodeType.BOOLEAN)));

    /** The figures of a connection that ended well. */
    private static final List<String> FIGURES = List.of(
            "bytes",
            "seconds",
            "signaled_ms",
            "ice_ms",
            "quic_ms",
            "echo_ms",
            "rtt_ms",
            "path_changes",
            "quic_dropped_unauthenticated",
            "quic_held");

    private static final Map<String, String> TIMES = Map.of(
            "signaled", "signaled_ms",
            "ice-connected", "ice_ms",
            "quic-connected", "quic_ms",
            "echo", "echo_ms");

    /** Which peer of several an event is of, and how many bytes there will be where that is known. */
    private static final Set<String> OPTIONAL = Set.of("peer", "total");

    private static final Set<String> OFTEN = Set.of("listening", "candidate", "nominated", "path-changed", "progress");

    /** Gathering may end at any time, since candidates trickle. */
    private static final List<String> ORDER =
            List.of("signaled", "ice-connected", "nominated", "pipeline", "quic-connected", "echo", "closed", "result");

    // A number with an exponent is JSON too, but not what a person or a shell script compares.
    private static final Pattern CLOCKS = Pattern.compile("\"t_ms\":[0-9]+\\.[0-9],\"epoch_ms\":[0-9]{13}\\.[0-9][,}]");

    private EventContract() {}

    /** Every line is an event, with its fields in their types; per peer, none comes twice that may not. */
    static void assertKept(ProcessPeer process) {
        assertThat(process.lines())
                .hasSameSizeAs(process.events())
                .allSatisfy(line -> assertThat(line).containsPattern(CLOCKS));
        Set<String> seen = new HashSet<>();
        Map<String, Double> clocks = new HashMap<>();
        for (JsonNode event : process.events()) {
            String name = event.path("event").asString();
            String peer = event.path("peer").asString("");
            assertFields(event, FIELDS.get(name));
            assertThat(OFTEN.contains(name) || seen.add(name + " of " + peer))
                    .as("%s comes once", event)
                    .isTrue();
            assertThat(event.path("t_ms").asDouble())
                    .as("time of %s", event)
                    .isGreaterThanOrEqualTo(clocks.getOrDefault(peer, 0.0));
            clocks.put(peer, event.path("t_ms").asDouble());
        }
    }

    /** Besides, the peer did all that one does from gathering to a good end, in that order. */
    static void assertWholeStory(ProcessPeer process, String peer) {
        List<JsonNode> events = process.events().stream()
                .filter(event -> List.of(peer, "").contains(event.path("peer").asString("")))
                .toList();
        assertThat(events.stream()
                        .map(event -> event.path("event").asString())
                        .filter(ORDER::contains)
                        .distinct())
                .containsExactlyElementsOf(ORDER);
        assertThat(events).extracting(event -> event.path("event").asString()).contains("gathered");
        List<String> sides = events.stream()
                .filter(event -> event.path("event").asString().equals("candidate"))
                .map(event -> event.path("side").asString())
                .toList();
        assertThat(sides).contains("remote").startsWith("local");
    }

    /** A result's figures are those of the events. */
    static void assertFigures(JsonNode result, List<JsonNode> events) {
        assertThat(result.path("ok").asBoolean()).as("%s", result).isTrue();
        FIGURES.forEach(figure -> assertThat(result.path(figure).isNumber())
                .as("%s in %s", figure, result)
                .isTrue());
        assertThat(result.path("path").asString()).isEqualTo("direct");
        events.forEach(event -> {
            String figure = TIMES.get(event.path("event").asString());
            if (figure != null) {
                assertThat(result.path(figure)).isEqualTo(event.path("t_ms"));
            }
        });
    }

    private static void assertFields(JsonNode event, Map<String, JsonNodeType> fields) {
        assertThat(fields).as("a name for %s", event).isNotNull();
        fields.forEach((field, type) -> assertThat(event.path(field).getNodeType())
                .as("%s of %s", field, event)
                .isEqualTo(type));
        if (!event.path("event").asString().equals("result")) {
            Set<String> all = new HashSet<>(fields.keySet());
            all.addAll(Set.of("event", "t_ms", "epoch_ms"));
            assertThat(event.propertyNames().stream().filter(field -> !OPTIONAL.contains(field)))
                    .as("fields of %s", event)
                    .containsExactlyInAnyOrderElementsOf(all);
        }
    }
}
