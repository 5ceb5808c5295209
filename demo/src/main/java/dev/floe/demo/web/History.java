package dev.floe.demo.web;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.EventJson;
import dev.floe.demo.report.Moment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The events so far, as JSON lines, for who comes later. Bounded however long a peer runs: of the figures that come at
 * a fixed rate every other one is forgotten when they are too many, and of the rest what is neither of the beginning nor
 * of late, checks before all else. A transfer's code, with which anybody could take the place of a peer, is not told.
 * Safe for several threads.
 */
final class History {

    private static final int MAX_PEERS = 16;
    private static final int MAX_FACTS = 4_000;
    private static final int MAX_FIGURES = 2_000;

    /** As a line that says how to go on has it, too. */
    private static final Pattern CODE = Pattern.compile("(?<![0-9A-Za-z])[0-9]{1,4}(-[a-z]+){3}");

    private final Map<String, Peer> peers = new LinkedHashMap<>();

    /** What there is of one peer: both lists in the order of time. */
    private static final class Peer {
        private final List<Fact> facts = new ArrayList<>();
        private final List<String> figures = new ArrayList<>();
    }

    private record Fact(String line, boolean isCheck) {}

    /** Returns the event's line, if it is one for those who look on. */
    synchronized Optional<String> add(Event event, String name, Moment moment) {
        if (event instanceof Event.Code) {
            return Optional.empty();
        }
        String line = CODE.matcher(EventJson.line(event, name, moment)).replaceAll("…");
        Peer peer = peers.computeIfAbsent(name == null ? "" : name, unknown -> new Peer());
        if (event instanceof Event.Sample || event instanceof Event.Progress) {
            addFigure(peer.figures, line);
        } else {
            addFact(peer.facts, new Fact(line, event instanceof Event.Pair));
        }
        if (peers.size() > MAX_PEERS) {
            forgetOldest();
        }
        return Optional.of(line);
    }

    /** All lines: those of one peer after those of another, each peer's facts before its figures. */
    synchronized List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Peer peer : peers.values()) {
            peer.facts.forEach(fact -> lines.add(fact.line()));
            lines.addAll(peer.figures);
        }
        return lines;
    }

    private static void addFact(List<Fact> facts, Fact fact) {
        facts.add(fact);
        if (facts.size() > MAX_FACTS) {
            int oldest = MAX_FACTS / 2;
            int oldestCheck = oldest;
            while (oldestCheck < facts.size() && !facts.get(oldestCheck).isCheck()) {
                oldestCheck++;
            }
            facts.remove(oldestCheck < facts.size() ? oldestCheck : oldest);
        }
    }

    private static void addFigure(List<String> figures, String line) {
        figures.add(line);
        if (figures.size() > MAX_FIGURES) {
            List<String> everyOther = new ArrayList<>();
            for (int i = 0; i < figures.size(); i += 2) {
                everyOther.add(figures.get(i));
            }
            figures.clear();
            figures.addAll(everyOther);
        }
    }

    /** What belongs to no peer stays. */
    private void forgetOldest() {
        peers.keySet().stream().filter(name -> !name.isEmpty()).findFirst().ifPresent(peers::remove);
    }
}
