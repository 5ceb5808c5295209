package dev.floe.demo.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** The demo's story for people: what each side did when, side by side, and its pipeline before and after the swap. */
final class DemoOutput implements Output {

    private static final List<String> PEERS = List.of("offerer", "answerer");

    private final PrintStream out;
    private final Scene scene;
    private final Map<String, Map<String, Double>> times = new LinkedHashMap<>();
    private final Map<String, Event.Pipeline> pipelines = new LinkedHashMap<>();
    private final Map<String, Event.Nominated> pairs = new LinkedHashMap<>();
    private final Map<String, List<Event.PathChanged>> changes = new LinkedHashMap<>();
    private boolean isPlaceTold;
    private double zeroMillis = Double.NaN;

    DemoOutput(PrintStream out, Scene scene) {
        this.out = out;
        this.scene = scene;
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        if (event instanceof Event.Listening listening && listening.what().equals("web")) {
            print("@|bold the page|@  is at %s#story, and Ctrl-C ends it", TextOutput.uri(listening));
        } else if (event instanceof Event.Listening listening) {
            tellPlace();
            print("@|faint %-9s|@ listens on %s port %d", listening.what(), listening.address(), listening.port());
        } else if (event instanceof Event.Result result) {
            if (result.ok()) {
                tellStory(result.figures());
            }
        } else {
            remember(event, peer, moment);
        }
    }

    private void remember(Event event, String peer, Moment moment) {
        if (Double.isNaN(zeroMillis)) {
            zeroMillis = scene.isStartedLate() ? moment.millis() : 0;
        }
        String step = step(event);
        if (!step.isEmpty()) {
            times.computeIfAbsent(step, s -> new LinkedHashMap<>()).putIfAbsent(peer, moment.millis() - zeroMillis);
        }
        if (event instanceof Event.Pipeline pipeline) {
            pipelines.put(peer, pipeline);
        } else if (event instanceof Event.Nominated nominated && !hasEchoed(peer)) {
            pairs.put(peer, nominated);
        } else if (event instanceof Event.PathChanged change) {
            changes.computeIfAbsent(peer, p -> new ArrayList<>()).add(change);
        }
    }

    // What two processes tell comes in an order of its own.
    private boolean hasEchoed(String peer) {
        return times.getOrDefault("echo", Map.of()).containsKey(peer);
    }

    private static String step(Event event) {
        if (event instanceof Event.Gathered) {
            return "gathered";
        } else if (event instanceof Event.Signaled) {
            return "signaled";
        } else if (event instanceof Event.IceConnected) {
            return "first pair";
        } else if (event instanceof Event.Nominated) {
            return "nominated";
        } else if (event instanceof Event.Pipeline) {
            return "swap";
        } else if (event instanceof Event.QuicConnected) {
            return "handshake";
        }
        return event instanceof Event.Echo ? "echo" : "";
    }

    private void tellPlace() {
        if (!isPlaceTold) {
            isPlaceTold = true;
            scene.place().forEach(out::println);
        }
    }

    private void tellStory(Event.Figures figures) {
        print("");
        print("@|bold %-12s %12s %24s|@", "", "offerer", "answerer");
        times.keySet().forEach(step -> print("%-12s %s %s", step, cell("offerer", step), cell("answerer", step)));
        for (String peer : PEERS) {
            print("");
            print(
                    "@|bold the %s|@, %s to %s, is the QUIC %s",
                    peer,
                    pairs.get(peer).local(),
                    pairs.get(peer).remote(),
                    peer.equals("offerer") ? "server" : "client");
            print("  before  %s", TextOutput.arrows(pipelines.get(peer).before()));
            print("  after   %s", TextOutput.arrows(pipelines.get(peer).after()));
        }
        print("");
        print(
                "\"Hello!\" went over QUIC and back, %s.",
                "relay".equals(figures.path())
                        ? "through a relay (TURN), since these NATs leave no direct way"
                        : "on the UDP ports that ICE had opened");
        if (!changes.isEmpty()) {
            tellRoam(figures);
        }
    }

    /** When a step came, and how long after the peer's step before it: the latter add up to the last step's time. */
    private String cell(String peer, String step) {
        List<String> steps = times.keySet().stream()
                .filter(each -> times.get(each).containsKey(peer))
                .sorted(Comparator.comparing(each -> times.get(each).get(peer)))
                .toList();
        int index = steps.indexOf(step);
        if (index < 0) {
            return String.format("%12s %11s", "-", "");
        }
        double millis = times.get(step).get(peer);
        double before = index == 0 ? 0 : times.get(steps.get(index - 1)).get(peer);
        return String.format(Locale.ROOT, "%9.1f ms %+8.1f ms", millis, millis - before);
    }

    private void tellRoam(Event.Figures figures) {
        print("");
        print("@|bold %s:|@", scene.roam());
        for (String peer : PEERS) {
            for (Event.PathChanged path : changes.getOrDefault(peer, List.of())) {
                print("  %-9s %s", peer, path.from());
                print("  %9s %s, %.1f ms without a datagram", "to", path.to(), path.gapMs());
            }
        }
        print(
                "All %,d bytes came back in order, over the same QUIC connection. The longest silence was %.0f ms.",
                figures.bytes(), figures.maxGapMs());
    }

    private void print(String format, Object... args) {
        out.println(Ansi.AUTO.string(String.format(Locale.ROOT, format, args)));
    }
}
