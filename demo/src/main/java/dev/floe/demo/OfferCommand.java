package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerPort;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalingClient;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code floe offer ROOM}: waits for a peer that answers, and echoes every stream until that peer closes. */
@Command(name = "offer", description = "Offer a connection in the room, and echo every stream.")
final class OfferCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ROOM", description = "The room's name; both sides name the same.")
    private String room;

    @Option(names = "--keep", description = "Go on serving, peer after peer.")
    private boolean isKeeping;

    @Mixin
    private CommonOptions common;

    @Mixin
    private PeerOptions options;

    public static void main(String[] args) {
        Floe.run(new OfferCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop -> common.run(report -> offer(report, stop)));
    }

    private Event.Result offer(Report report, StopSignal stop) throws Exception {
        if (isKeeping) {
            options.requireForKeeping();
        }
        options.observe(report);
        try (EventLoops loops = new EventLoops(1)) {
            EventLoopGroup group = loops.group();
            var joining = isKeeping
                    ? options.joinToStay(group, room, RelayRole.OFFERER)
                    : options.join(group, room, RelayRole.OFFERER);
            stop.then(() -> joining.cancel(false));
            PeerIdentity identity = options.loadIdentity();
            try (SignalingClient signaling = joining.get()) {
                return isKeeping
                        ? serve(group, identity, signaling, report, stop)
                        : serveOne(group, identity, signaling, report.of(null), stop);
            }
        }
    }

    private Event.Result serveOne(
            EventLoopGroup group, PeerIdentity identity, SignalingClient signaling, PeerReport report, StopSignal stop)
            throws Exception {
        var config = options.toConfig(group, identity, report);
        PeerSession session = OfferingPeer.start(config, signaling::trickle, report, group.next());
        stop.then(session::stop);
        return session.ended().get();
    }

    /** Offers anew as soon as a peer has taken the last offer, until it is told to stop; at the same port, if it is by ICE. */
    private Event.Result serve(
            EventLoopGroup group, PeerIdentity identity, SignalingClient signaling, Report report, StopSignal stop)
            throws Exception {
        if (!options.isIce()) {
            return serve(
                    (config, peer) -> OfferingPeer.start(config, signaling::trickle, peer, group.next()),
                    group,
                    identity,
                    report,
                    stop);
        }
        var shared = options.toConfig(group, identity, report.of(null));
        PeerPort port = PeerPort.bind(shared.build()).get();
        try {
            return serve(
                    (config, peer) -> OfferingPeer.startAt(port, config, signaling::trickle, peer, group.next()),
                    group,
                    identity,
                    report,
                    stop);
        } finally {
            port.close().await();
        }
    }

    private Event.Result serve(
            BiFunction<PeerConfig.Builder, PeerReport, PeerSession> start,
            EventLoopGroup group,
            PeerIdentity identity,
            Report report,
            StopSignal stop)
            throws Exception {
        Set<PeerSession> sessions = ConcurrentHashMap.newKeySet();
        stop.then(() -> sessions.forEach(PeerSession::stop));
        for (int number = 1; ; number++) {
            PeerReport peer = report.of("peer-" + number);
            var config = options.toConfig(group, identity, peer).timeout(PeerOptions.FOR_EVER);
            PeerSession session = start.apply(config, peer);
            sessions.add(session);
            session.ended().addListener((Future<Event.Result> ended) -> {
                sessions.remove(session);
                Event.Result result = ended.getNow();
                if (result.figures().quicMs() == null) {
                    peer.closed(result.message());
                }
            });
            if (stop.isGiven()) {
                session.stop();
            }
            if (!session.described().await().isSuccess()) {
                return stop.isGiven() ? farewell(sessions) : session.ended().get();
            }
        }
    }

    private static Event.Result farewell(Set<PeerSession> sessions) throws InterruptedException {
        for (PeerSession session : sessions) {
            session.ended().await();
        }
        return Event.Result.success();
    }
}
