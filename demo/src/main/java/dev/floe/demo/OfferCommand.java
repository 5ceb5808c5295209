package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.quic.PeerIdentity;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalingClient;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code floe offer ROOM}: waits for a peer that answers, and echoes every stream until that peer closes. */
@Command(name = "offer", description = "Offer a connection in the room, and echo every stream.")
final class OfferCommand implements Callable<Integer> {

    private static final Duration FOR_EVER = Duration.ofDays(10_000);

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
        return common.run(this::offer);
    }

    private Event.Result offer(Report report) throws Exception {
        try (EventLoops loops = new EventLoops(1)) {
            EventLoopGroup group = loops.group();
            var joining = options.join(group, room, RelayRole.OFFERER);
            PeerIdentity identity = options.loadIdentity();
            try (SignalingClient signaling = joining.get()) {
                return isKeeping
                        ? serve(group, identity, signaling, report)
                        : serveOne(group, identity, signaling, report.of(null));
            }
        }
    }

    private Event.Result serveOne(
            EventLoopGroup group, PeerIdentity identity, SignalingClient signaling, PeerReport report)
            throws Exception {
        var config = options.toConfig(group, identity, report);
        return OfferingPeer.start(config, signaling::trickle, report, group.next())
                .ended()
                .get();
    }

    /** Offers anew as soon as a peer has taken the last offer; ends only with the signaling server. */
    private Event.Result serve(EventLoopGroup group, PeerIdentity identity, SignalingClient signaling, Report report)
            throws Exception {
        for (int number = 1; ; number++) {
            PeerReport peer = report.of("peer-" + number);
            var config = options.toConfig(group, identity, peer).timeout(FOR_EVER);
            PeerSession session = OfferingPeer.start(config, signaling::trickle, peer, group.next());
            session.ended().addListener((Future<Event.Result> ended) -> {
                Event.Result result = ended.getNow();
                if (result.quicMs() == null) {
                    peer.closed(result.message());
                }
            });
            if (!session.described().await().isSuccess()) {
                return session.ended().get();
            }
        }
    }
}
