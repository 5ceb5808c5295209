package dev.floe.demo.bench;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a line, for programs. */
final class JsonReport implements Report {

    private final JsonMapper mapper = new JsonMapper();
    private final long startNanos = System.nanoTime();
    private final PrintStream out;

    JsonReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void step(String benchmark, Map<String, Object> fields) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("benchmark", benchmark);
        all.putAll(fields);
        print("step", all);
    }

    @Override
    public void figures(String benchmark, List<Figure> figures) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("benchmark", benchmark);
        figures.forEach(figure -> all.put(figure.name(), figure.value()));
        print("figures", all);
    }

    @Override
    public void succeeded(List<Figure> figures) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("ok", true);
        figures.forEach(figure -> all.put(figure.name(), figure.value()));
        print("result", all);
    }

    @Override
    public void failed(String error, String message) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("ok", false);
        all.put("error", error);
        all.put("message", message);
        print("result", all);
    }

    private synchronized void print(String event, Map<String, Object> fields) {
        Instant now = Instant.now();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", event);
        line.put("t_ms", oneDecimal((System.nanoTime() - startNanos) / 1e6));
        line.put("epoch_ms", oneDecimal(now.getEpochSecond() * 1e3 + now.getNano() / 1e6));
        line.putAll(fields);
        out.println(mapper.writeValueAsString(line));
        out.flush();
    }

    // A double of that size would be written with an exponent.
    private static BigDecimal oneDecimal(double millis) {
        return BigDecimal.valueOf(Math.round(millis * 10), 1);
    }
}
