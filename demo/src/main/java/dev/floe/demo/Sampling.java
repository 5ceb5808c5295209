package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.PeerReport;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Takes a connection's figures at a fixed rate while it lasts, for who looks on. */
final class Sampling {

    private static final int PERIOD_MS = 200;

    private Sampling() {}

    static void of(QuicChannel connection, PeerReport report) {
        Future<?> sampling = connection
                .eventLoop()
                .scheduleAtFixedRate(() -> sample(connection, report), 0, PERIOD_MS, TimeUnit.MILLISECONDS);
        connection.closeFuture().addListener(closed -> sampling.cancel(false));
    }

    // QUIC has one path here: which way its datagrams take is ICE's affair.
    private static void sample(QuicChannel connection, PeerReport report) {
        connection.collectPathStats(0).addListener((Future<QuicConnectionPathStats> done) -> {
            if (done.isSuccess() && done.getNow() != null) {
                QuicConnectionPathStats path = done.getNow();
                report.observed(Event.Sample.of(path.rtt(), path.sentBytes(), path.recvBytes(), path.lost()));
            }
        });
    }
}
