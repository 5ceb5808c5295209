package dev.floe.demo.web;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.EventJson;
import dev.floe.demo.report.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/**
 * The events so far, as JSON lines, for who comes later. Bounded however long a peer runs and however many there are: of
 * the figures that come at a fixed rate every other one is forgotten when they are too many, and of the rest what is
 * neither of the beginning nor of late, checks before all else; of peers those that are over. A transfer's code, with
 * which anybody could take the place of a peer, is not told. Safe for several threads.
 */
final class History {

    private static final int MAX_PEERS = 16;

    // Of all peers: half of what the page holds before it asks anew, and a third of what may wait to be sent to it.
    private static final int MAX_FACTS = 4_000;
    private static final int MAX_FIGURES = 2_000;
    private static final int MAX_FACTS_LENGTH = 2_000_000;
    private static final int MAX_LINE_LENGTH = 20_000;

    /** As a line that says how to go on has it, too. */
    private static final Pattern CODE = Pattern.compile("(?<![0-9A-Za-z])[0-9]{1,4}(-[a-z]+){3}");

    private final Map<String, Peer> peers = new LinkedHashMap<>();

    /** Returns the event's line, if it is one for those who look on. */
    synchronized Optional<String> add(Event event, String name, Moment moment) {
        String key = name == null ? "" : name;
        if (event instanceof Event.Code || !hasRoomFor(key, event)) {
            return Optional.empty();
        }
        String line = CODE.matcher(EventJson.line(event, name, moment)).replaceAll("…");
        if (line.length() > MAX_LINE_LENGTH) {
            return Optional.empty();
        }
        peers.computeIfAbsent(key, unknown -> new Peer()).add(event, line);
        shrink();
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

    /** Only one that begins takes another's place, or those that live would do so in turn. */
    private boolean hasRoomFor(String name, Event event) {
        return name.isEmpty() || peers.containsKey(name) || peers.size() < MAX_PEERS || event instanceof Event.Started;
    }

    private void shrink() {
        if (peers.size() > MAX_PEERS) {
            forgetPeer();
        }
        while (sum(Peer::facts) > MAX_FACTS || sum(Peer::factsLength) > MAX_FACTS_LENGTH) {
            greatest(Peer::facts).forgetFact();
        }
        while (sum(Peer::figures) > MAX_FIGURES) {
            greatest(Peer::figures).forgetEveryOtherFigure();
        }
    }

    private int sum(ToIntFunction<Peer> size) {
        return peers.values().stream().mapToInt(size).sum();
    }

    private Peer greatest(ToIntFunction<Peer> size) {
        return Collections.max(peers.values(), Comparator.comparingInt(size));
    }

    /** One that is over, or the one that was first; what belongs to no peer stays. */
    private void forgetPeer() {
        List<String> names =
                peers.keySet().stream().filter(name -> !name.isEmpty()).toList();
        peers.remove(names.stream()
                .filter(name -> peers.get(name).isOver)
                .findFirst()
                .orElse(names.get(0)));
    }

    /** What there is of one peer: both lists in the order of time. */
    private static final class Peer {

        private final List<Fact> facts = new ArrayList<>();
        private final List<String> figures = new ArrayList<>();
        private int factsLength;
        private boolean isOver;

        void add(Event event, String line) {
            if (event instanceof Event.Sample || event instanceof Event.Progress) {
                figures.add(line);
                return;
            }
            facts.add(new Fact(line, event instanceof Event.Pair));
            factsLength += line.length();
            if (event instanceof Event.Started) {
                isOver = false;
            } else if (event instanceof Event.Closed || event instanceof Event.End) {
                isOver = true;
            }
        }

        void forgetFact() {
            int oldest = facts.size() / 2;
            int oldestCheck = oldest;
            while (oldestCheck < facts.size() && !facts.get(oldestCheck).isCheck()) {
                oldestCheck++;
            }
            Fact forgotten = facts.remove(oldestCheck < facts.size() ? oldestCheck : oldest);
            factsLength -= forgotten.line().length();
        }

        void forgetEveryOtherFigure() {
            List<String> everyOther = new ArrayList<>();
            for (int i = 0; i < figures.size(); i += 2) {
                everyOther.add(figures.get(i));
            }
            figures.clear();
            figures.addAll(everyOther);
        }

        int facts() {
            return facts.size();
        }

        int factsLength() {
            return factsLength;
        }

        int figures() {
            return figures.size();
        }
    }

    private record Fact(String line, boolean isCheck) {}
}
