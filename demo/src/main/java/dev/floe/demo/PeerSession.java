package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceException;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.PeerRefusedException;
import dev.floe.quic.QuicRole;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;

/** One connection as a command sees it, reported from the exchange of descriptions to the close. */
final class PeerSession {

    // A farewell that nobody acknowledges is over after three of QUIC's probe timeouts (RFC 9000 §10.2).
    private static final int FAREWELL_SECONDS = 2;

    private final QuicRole role;
    private final PeerReport report;
    private final EventExecutor executor;
    private final Promise<IceDescription> described;
    private final Promise<Event.Result> ended;

    private volatile Future<QuicChannel> connecting;
    private volatile boolean isAccepted;
    private volatile Failure failure;

    PeerSession(QuicRole role, PeerReport report, EventExecutor executor) {
        this.role = role;
        this.report = report;
        this.executor = executor;
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

    /** The same exchange, reported; it fails if both sides want to play the same role. */
    TrickleExchange reported(TrickleExchange exchange) {
        return (local, theirs) -> new ReportedExchange(exchange.begin(withRole(local), theirs));
    }

    /** Reports how connecting goes, and once it has succeeded goes on with {@code next}, on the event loop. */
    PeerSession follow(Future<QuicChannel> future, Consumer<QuicChannel> next) {
        connecting = future;
        future.addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                QuicChannel connection = done.getNow();
                report.quicConnected(roleIn(connection), fingerprint(connection));
                connection.pipeline().addLast(new EndHandler());
                if (report.isObserved()) {
                    Sampling.of(connection, report);
                }
                PeerConnection.of(connection).closeFuture().addListener(closed -> end());
                next.accept(connection);
            } else {
                failure = failure == null ? Failure.of(done.cause()) : failure;
                end();
            }
        });
        return this;
    }

    /** Closes the connection, or gives up getting one; any thread. */
    void stop() {
        executor.execute(() -> {
            if (connecting == null || connecting.cancel(false) || !connecting.isSuccess()) {
                return;
            }
            failure = failure == null && !isAccepted ? Failure.STOPPED : failure;
            connecting.getNow().close(true, 0, Unpooled.copiedBuffer("stopped", StandardCharsets.UTF_8));
            executor.schedule(this::end, FAREWELL_SECONDS, TimeUnit.SECONDS);
        });
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

    /** Hole punching may have swapped the roles. */
    private static QuicRole roleIn(QuicChannel connection) {
        return connection.sslEngine().getUseClientMode() ? QuicRole.CLIENT : QuicRole.SERVER;
    }

    private static String fingerprint(QuicChannel connection) {
        try {
            return PeerIdentity.fingerprint(
                    (X509Certificate) connection.sslEngine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private IceDescription withRole(IceDescription local) {
        Set<String> options = new LinkedHashSet<>(local.options());
        options.add(roleWord());
        return new IceDescription(local.credentials(), local.fingerprint(), options, local.candidates());
    }

    private String roleWord() {
        return role == QuicRole.SERVER ? "offers" : "answers";
    }

    /** Hands on what is told, and reports when the other side is there. */
    private final class ReportedExchange implements TrickleExchange.Session {
        private final TrickleExchange.Session session;
        private final Promise<IceDescription> remote = executor.newPromise();

        ReportedExchange(TrickleExchange.Session session) {
            this.session = session;
            session.remote().addListener((Future<IceDescription> done) -> {
                if (done.isSuccess()) {
                    heard(done.getNow());
                } else {
                    remote.tryFailure(done.cause());
                }
            });
        }

        @Override
        public Future<IceDescription> remote() {
            return remote;
        }

        @Override
        public void add(Candidate candidate) {
            session.add(candidate);
        }

        @Override
        public void end() {
            session.end();
        }

        @Override
        public void message(byte[] content) {
            session.message(content);
        }

        @Override
        public void networkChanged() {
            session.networkChanged();
        }

        private void heard(IceDescription description) {
            if (!description.candidates().isEmpty()) {
                report.signaled();
            }
            if (description.options().contains(roleWord())) {
                failure = Failure.usage(
                        "the other side " + roleWord() + " too; one side has to offer, the other to answer");
                remote.tryFailure(new IllegalStateException(failure.message()));
            }
            // Before the connection may refuse it, and end this session: the offer has been taken all the same.
            described.trySuccess(description);
            remote.trySuccess(description);
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
