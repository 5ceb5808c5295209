package dev.floe.quic.draft;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.NamedPair;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Feeds a traversal under virtual time and keeps what comes out of it. */
final class TraversalDriver {

    final Traversal traversal;
    final List<TraversalFrame> said = new ArrayList<>();

    /** What is to be checked, the last word of it last. */
    final List<List<NamedPair>> checks = new ArrayList<>();

    private long nowNanos = 1;

    private TraversalDriver(Traversal traversal) {
        this.traversal = traversal;
    }

    static TraversalDriver client(long limit) {
        TraversalDriver client = new TraversalDriver(new TraversalClient());
        client.traversal.opened(client.nowNanos);
        return client.hear(new TraversalFrame.TransportParameter(OptionalLong.of(limit)))
                .forget();
    }

    static TraversalDriver server() {
        TraversalDriver server = new TraversalDriver(new TraversalServer());
        server.traversal.opened(server.nowNanos);
        return server.hear(new TraversalFrame.TransportParameter(OptionalLong.empty()))
                .forget();
    }

    static TraversalDriver of(Traversal traversal) {
        return new TraversalDriver(traversal);
    }

    TraversalDriver open() {
        traversal.opened(nowNanos);
        return drain();
    }

    TraversalDriver hear(TraversalFrame... frames) {
        for (TraversalFrame frame : frames) {
            traversal.heard(frame, nowNanos);
            drain();
        }
        return this;
    }

    TraversalDriver find(String host, int port) {
        traversal.localAdded(local(host, port), nowNanos);
        return drain();
    }

    TraversalDriver lose(String host, int port) {
        traversal.localRemoved(local(host, port), nowNanos);
        return drain();
    }

    TraversalDriver select(boolean isRelayed) {
        traversal.selected(isRelayed, nowNanos);
        return drain();
    }

    TraversalDriver restart() {
        traversal.restarted(nowNanos);
        return drain();
    }

    TraversalDriver runFor(Duration time) {
        long end = nowNanos + time.toNanos();
        while (traversal.deadlineNanos() <= end) {
            nowNanos = Math.max(nowNanos, traversal.deadlineNanos());
            traversal.advance(nowNanos);
            drain();
        }
        nowNanos = end;
        traversal.advance(nowNanos);
        return drain();
    }

    /** What has been said so far counts no more. */
    TraversalDriver forget() {
        said.clear();
        checks.clear();
        return this;
    }

    /** The pairs that are being checked, as {@code local>remote}. */
    List<String> checked() {
        return checks.isEmpty()
                ? List.of()
                : checks.get(checks.size() - 1).stream()
                        .map(pair ->
                                text(pair.local()) + ">" + text(pair.remote().address()))
                        .toList();
    }

    /** The PUNCH_ME_NOWs that were said, as {@code round:sequence:address}. */
    List<String> punches() {
        return said.stream()
                .map(TraversalFrame.PunchMeNow.class::cast)
                .map(punch -> punch.round() + ":" + punch.pairedWith() + ":" + text(punch.address()))
                .toList();
    }

    static TraversalFrame add(long sequence, String host, int port) {
        return new TraversalFrame.AddAddress(sequence, new InetSocketAddress(host, port));
    }

    static TraversalFrame punch(long round, long sequence, String host, int port) {
        return new TraversalFrame.PunchMeNow(round, sequence, new InetSocketAddress(host, port));
    }

    private static Candidate local(String host, int port) {
        // Those of the documentation's blocks are hosts here, all others have been seen by a server.
        boolean isHost = !host.startsWith("203.");
        CandidateType type = isHost ? CandidateType.HOST : CandidateType.SERVER_REFLEXIVE;
        return new Candidate("f", Candidate.priority(type, 65_535), new InetSocketAddress(host, port), type, null);
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + "#" + address.getPort();
    }

    private TraversalDriver drain() {
        for (TraversalOutput output = traversal.poll(); output != null; output = traversal.poll()) {
            if (output instanceof TraversalOutput.Say word) {
                said.add(word.frame());
            } else if (output instanceof TraversalOutput.Check check) {
                checks.add(check.pairs());
            }
        }
        return this;
    }
}
