package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceException;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerRefusedException;
import dev.floe.quic.QuicRole;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/** One connection as a command sees it, reported from the exchange of descriptions to the close. */
final class PeerSession {

    private final QuicRole role;
    private final PeerReport report;
    private final Promise<IceDescription> described;
    private final Promise<Event.Result> ended;

    private volatile boolean isAccepted;
    private volatile Failure failure;

    PeerSession(QuicRole role, PeerReport report, EventExecutor executor) {
        this.role = role;
        this.report = report;
        described = executor.newPromise();
        ended = executor.newPromise();
    }

    /** Completes with the other side's description. */
    Future<IceDescription> described() {
        return described;
    }

    /** Completes when the connection is closed, or has failed to come about; never fails. */
    Future<Event.Result> ended() {
        return ended;
    }

    /** The same exchange, reported. */
    TrickleExchange reported(TrickleExchange exchange) {
        return (local, theirs) -> {
            TrickleExchange.Session session = exchange.begin(local, new ReportedCandidates(theirs));
            session.remote().addListener((Future<IceDescription> done) -> {
                if (done.isSuccess()) {
                    if (!done.getNow().candidates().isEmpty()) {
                        report.signaled();
                    }
                    described.trySuccess(done.getNow());
                }
            });
            return session;
        };
    }

    /** Reports how connecting goes, and once it has succeeded goes on with {@code next}, on the event loop. */
    PeerSession follow(Future<QuicChannel> connecting, Consumer<QuicChannel> next) {
        connecting.addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                QuicChannel connection = done.getNow();
                report.quicConnected(role, fingerprint(connection));
                connection.pipeline().addLast(new EndHandler());
                connection.parent().closeFuture().addListener(closed -> end());
                next.accept(connection);
            } else {
                failure = Failure.of(done.cause());
                end();
            }
        });
        return this;
    }

    /** The other side's first byte has come: it has accepted this side. */
    void accepted() {
        isAccepted = true;
    }

    /** The session has failed, whatever happens yet. */
    void failed(Failure why) {
        failure = why;
    }

    private void end() {
        described.cancel(false);
        Event.Result result = report.result();
        if (failure == null && !isAccepted) {
            failure = new Failure("peer-closed", "the other side has closed the connection without a word");
        }
        ended.trySuccess(failure == null ? result : result.with(failure));
    }

    private static String fingerprint(QuicChannel connection) {
        try {
            return PeerIdentity.fingerprint(
                    (X509Certificate) connection.sslEngine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** Reports the first candidate that trickles in. */
    private final class ReportedCandidates implements TrickleExchange.Candidates {
        private final TrickleExchange.Candidates theirs;

        ReportedCandidates(TrickleExchange.Candidates theirs) {
            this.theirs = theirs;
        }

        @Override
        public void add(Candidate candidate) {
            report.signaled();
            theirs.add(candidate);
        }

        @Override
        public void end() {
            theirs.end();
        }
    }

    /** Learns why the connection ends. */
    private final class EndHandler extends ChannelInboundHandlerAdapter {
        private String reason = "closed by this side";

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.SessionFailed lost) {
                reason = lost.reason().text();
                failure = Failure.of(new IceException(lost.reason()));
            } else if (event instanceof QuicConnectionCloseEvent close) {
                boolean isRefusal = PeerRefusedException.isRefusal(close);
                reason = isRefusal ? "the other side has refused this side's certificate" : "closed by the other side";
                if (isRefusal) {
                    failure = new Failure("fingerprint-mismatch", reason);
                }
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            report.closed(reason);
            ctx.fireChannelInactive();
        }
    }
}
