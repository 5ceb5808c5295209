package dev.floe.demo.report;

import java.io.PrintStream;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One JSON object a line, and nothing else, for programs. */
final class JsonOutput implements Output {

    private final JsonMapper mapper = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private final PrintStream out;

    JsonOutput(PrintStream out) {
        this.out = out;
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        ObjectNode line = mapper.createObjectNode()
                .put("event", event.name())
                .put("t_ms", moment.millis())
                .put("epoch_ms", moment.epochMillis());
        if (peer != null) {
            line.put("peer", peer);
        }
        line.setAll((ObjectNode) mapper.valueToTree(event));
        out.println(line);
        out.flush();
    }
}
