package dev.floe.demo.report;

import dev.floe.demo.transfer.Amount;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Help.Ansi;

/** A transfer for people: the code, who is there, a bar where there is a terminal, and how it ended. Safe for several threads. */
public final class TransferScreen implements Output {

    private static final int REDRAW_MILLIS = 200;
    private static final long MEGABYTE = 1_000_000;

    private final PrintStream out;
    private Output details = (event, peer, moment) -> {};
    private final boolean hasBar;
    private String name = "";
    private String summary = "";
    private String server = "";
    private Event.Nominated pair;
    private ProgressBar bar;

    /** @param out for the text; a bar goes to standard error */
    public TransferScreen(PrintStream out) {
        this.out = out;
        hasBar = Ansi.AUTO.enabled();
    }

    /** Shows each step of the connection too. */
    public synchronized void showDetails() {
        details = new TextOutput(out, true);
    }

    /** What the other side has to be told of the signaling server: an option, or nothing. */
    public synchronized void meetAt(String option) {
        server = option;
    }

    @Override
    public synchronized void write(Event event, String peer, Moment moment) {
        if (event instanceof Event.Progress progress) {
            show(progress);
            return;
        }
        if (event instanceof Event.Code code) {
            say("On the other computer:  " + Ansi.AUTO.string("@|bold floe receive " + code.code() + "|@") + server);
        } else if (event instanceof Event.Listening page) {
            say("the page is at " + TextOutput.uri(page));
        } else if (event instanceof Event.Nominated nominated) {
            pair = nominated;
        } else if (event instanceof Event.QuicConnected && pair != null) {
            say("connected to " + pair.remote() + (pair.type().equals("relay") ? ", through a relay" : ""));
        } else if (event instanceof Event.PathChanged path) {
            say("the connection has moved from " + path.from() + " to " + path.to());
        } else if (event instanceof Event.Result result) {
            end(result);
        }
        details.write(event, peer, moment);
    }

    /**
     * It is known what is transferred.
     *
     * @param verb {@code sending} or {@code receiving}
     * @param total in bytes, -1 if nobody knows
     */
    public synchronized void began(String verb, String what, int files, long total) {
        name = printable(what);
        String amount = total < 0 ? "" : ", " + Amount.bytes(total);
        say(verb + " " + name + (files == 1 ? "" : ", " + files + " files") + amount);
    }

    /** What there is to say of a good end: {@code sent NAME}, or {@code received PATH}. */
    public synchronized void transferred(String line) {
        summary = printable(line);
    }

    /** One line that a person should know; where programs read standard output, it is not the place for it. */
    public synchronized void note(String line, boolean isJson) {
        if (isJson) {
            System.err.println("floe: " + printable(line));
        } else {
            say(printable(line));
        }
    }

    /** In one line, without what a terminal may take for an order. */
    public static String printable(String text) {
        return text.replaceAll("\\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]", "?");
    }

    private void show(Event.Progress progress) {
        if (!hasBar) {
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .setStyle(ProgressBarStyle.ASCII)
                    .setTaskName(name.length() > 24 ? name.substring(0, 23) + "…" : name)
                    .setUnit(" MB", MEGABYTE)
                    .setUpdateIntervalMillis(REDRAW_MILLIS)
                    .setInitialMax(progress.total() == null ? -1 : progress.total())
                    .startsFrom(progress.bytes(), Duration.ZERO)
                    .showSpeed()
                    .build();
        }
        bar.stepTo(progress.bytes());
    }

    // Names that others have given pass here: no markup is looked for in them.
    private void say(String line) {
        endBar();
        out.println(line);
    }

    private void endBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private void end(Event.Result result) {
        endBar();
        if (result.ok()) {
            Event.Figures figures = result.figures();
            String rate = figures.mbitS() == null ? "" : String.format(Locale.ROOT, ", %.1f Mbit/s", figures.mbitS());
            say(Ansi.AUTO.string("@|bold,green done|@") + "  " + summary + ", " + Amount.bytes(figures.bytes()) + rate);
            say("SHA-256 " + figures.sha256());
        }
    }
}
