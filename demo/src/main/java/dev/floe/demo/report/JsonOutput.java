package dev.floe.demo.report;

import java.io.PrintStream;

/** One JSON object a line, and nothing else, for programs. */
final class JsonOutput implements Output {

    private final PrintStream out;

    JsonOutput(PrintStream out) {
        this.out = out;
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        out.println(EventJson.line(event, peer, moment));
        out.flush();
    }
}
