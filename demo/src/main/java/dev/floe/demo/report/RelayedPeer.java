package dev.floe.demo.report;

import java.math.BigDecimal;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * A peer that is a process of its own on this machine: what it prints with {@code --json} is told here, its times counted
 * from where this process began. Not thread-safe.
 */
public final class RelayedPeer {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final Map<String, Class<?>> KINDS = Stream.of(Event.class, Event.Observation.class)
            .flatMap(kind -> Stream.of(kind.getPermittedSubclasses()))
            .filter(Class::isRecord)
            .collect(Collectors.toMap(Event::nameOf, Function.identity()));

    private final Report report;
    private final String name;
    private double lateness = Double.NaN;
    private Event.Result result;

    /** @param name the peer's, or null for a process that is none */
    public RelayedPeer(Report report, String name) {
        this.report = report;
        this.name = name;
    }

    /**
     * Tells one line of it, except the {@code result}.
     *
     * @throws tools.jackson.core.JacksonException for a line that is none of them
     */
    public void line(String line) {
        JsonNode json = MAPPER.readTree(line);
        double millis = json.path("t_ms").asDouble();
        BigDecimal epoch = BigDecimal.valueOf(Math.round(json.path("epoch_ms").asDouble() * 10), 1);
        if (Double.isNaN(lateness)) {
            lateness = epoch.doubleValue() - millis - Moment.zeroEpochMillis();
        }
        String kind = json.path("event").asString();
        if (kind.equals("result")) {
            result = result(json);
        } else if (KINDS.containsKey(kind)) {
            Event event = (Event) MAPPER.treeToValue(json, KINDS.get(kind));
            report.event(event, name, new Moment(here(millis), epoch));
        }
    }

    /** How it ended; null before that. */
    public Event.Result result() {
        return result;
    }

    private Event.Result result(JsonNode json) {
        Event.Figures figures = MAPPER.treeToValue(json, Event.Figures.class);
        return new Event.Result(
                json.path("ok").asBoolean(),
                json.path("error").asString(null),
                json.path("message").asString(null),
                figures.at(this::here));
    }

    private Double here(Double millis) {
        return millis == null ? null : Math.round((millis + lateness) * 10) / 10.0;
    }
}
