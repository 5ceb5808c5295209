package dev.floe.demo.report;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** One line an event, for people. */
final class TextOutput implements Output {

    private final PrintStream out;
    private final boolean isVerbose;

    TextOutput(PrintStream out, boolean isVerbose) {
        this.out = out;
        this.isVerbose = isVerbose;
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        String text = text(event);
        if (!text.isEmpty()) {
            String who = peer == null ? "" : String.format("%-9s", peer);
            out.println(Ansi.AUTO.string(
                    String.format(Locale.ROOT, "@|faint %9.1f ms|@  %s%s", moment.millis(), who, text)));
        }
    }

    private String text(Event event) {
        if (event instanceof Event.Listening listening) {
            return listening(listening);
        } else if (event instanceof Event.Candidate candidate) {
            return isVerbose
                    ? "candidate    " + candidate.side() + " " + candidate.type() + " " + candidate.address() + " port "
                            + candidate.port()
                    : "";
        } else if (event instanceof Event.Gathered gathered) {
            return "gathered     " + gathered.candidates() + " candidates; waiting for the other side";
        } else if (event instanceof Event.Signaled) {
            return "signaled     the other side has said where it is";
        } else if (event instanceof Event.IceConnected pair) {
            return "first pair   " + way(pair.local(), pair.remote(), pair.type(), pair.rttMs());
        } else if (event instanceof Event.Nominated pair) {
            return "nominated    " + way(pair.local(), pair.remote(), pair.type(), pair.rttMs());
        } else if (event instanceof Event.Pipeline pipeline) {
            return "swap         " + arrows(pipeline.before()) + "\n" + " ".repeat(27) + arrows(pipeline.after());
        } else if (event instanceof Event.QuicConnected quic) {
            return "@|bold handshake|@    QUIC " + quic.role() + identified(quic.remoteFingerprint());
        } else if (event instanceof Event.Echo echo) {
            return "@|bold echo|@         " + echo.bytes() + " bytes";
        } else if (event instanceof Event.PathChanged path) {
            return "path         " + path.from() + " to " + path.to() + ", " + path.gapMs() + " ms without a datagram";
        } else if (event instanceof Event.Closed closed) {
            return "closed       " + closed.reason();
        }
        return "";
    }

    private static String listening(Event.Listening listening) {
        return listening.what().equals("web")
                ? "@|bold page|@         " + uri(listening)
                : "listening    " + listening.what() + " on " + listening.address() + " port " + listening.port();
    }

    /** What to open in a browser. */
    static String uri(Event.Listening page) {
        return "http://" + page.address() + ":" + page.port() + "/";
    }

    /** Handler names without Netty's counters. */
    static String arrows(List<String> handlers) {
        return String.join(" → ", handlers).replaceAll("#[0-9]+", "");
    }

    private static String way(String local, String remote, String type, double rttMs) {
        return local + " ↔ " + remote + " (" + type + "), " + rttMs + " ms round trip at most";
    }

    private static String identified(String fingerprint) {
        return fingerprint == null ? ", peer not identified" : ", peer " + fingerprint.substring(0, 16) + "…";
    }
}
