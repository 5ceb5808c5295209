package dev.floe.demo.report;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Instant;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One JSON object a line, and nothing else, for programs. */
public final class JsonOutput implements Output {

    private final JsonMapper mapper = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private final PrintStream out;

    public JsonOutput(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void event(Event event, String peer) {
        ObjectNode line = mapper.createObjectNode()
                .put("event", event.name())
                .put("t_ms", Stopwatch.millis())
                .put("epoch_ms", epochMillis(Instant.now()));
        if (peer != null) {
            line.put("peer", peer);
        }
        line.setAll((ObjectNode) mapper.valueToTree(event));
        out.println(line);
        out.flush();
    }

    // As a decimal: a double of this size would be printed with an exponent.
    private static BigDecimal epochMillis(Instant now) {
        long tenths = now.getEpochSecond() * 10_000 + now.getNano() / 100_000;
        return BigDecimal.valueOf(tenths, 1);
    }
}
