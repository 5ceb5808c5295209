package dev.floe.demo.report;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An event as one JSON object: its name and times, whose it is, and its components in snake case. */
public final class EventJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private EventJson() {}

    /**
     * The object on one line, without the end of that line.
     *
     * @param peer null where there is only one
     */
    public static String line(Event event, String peer, Moment moment) {
        ObjectNode line = MAPPER.createObjectNode()
                .put("event", event.name())
                .put("t_ms", moment.millis())
                .put("epoch_ms", moment.epochMillis());
        if (peer != null) {
            line.put("peer", peer);
        }
        line.setAll((ObjectNode) MAPPER.valueToTree(event));
        return line.toString();
    }
}
