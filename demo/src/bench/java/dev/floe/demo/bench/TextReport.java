package dev.floe.demo.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;

/** A table for people; failures go to another stream. */
final class TextReport implements Report {

    private final PrintStream out;
    private final PrintStream err;

    TextReport(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public synchronized void step(String benchmark, Map<String, Object> fields) {
        String text = fields.entrySet().stream()
                .map(field -> field.getKey() + " " + field.getValue())
                .collect(Collectors.joining(", "));
        out.println(Ansi.AUTO.string("@|faint %-12s %s|@".formatted(benchmark, text)));
    }

    @Override
    public synchronized void figures(String benchmark, List<Figure> figures) {
        for (Figure figure : figures) {
            String row = String.format(Locale.ROOT, "@|bold %-24s %12s|@  %s", figure.name(), figure.value(), figure.meaning());
            out.println(Ansi.AUTO.string(row));
        }
        out.println();
    }

    @Override
    public void succeeded(List<Figure> figures) {}

    @Override
    public synchronized void failed(String error, String message) {
        err.println("floe-bench: " + message);
    }
}
