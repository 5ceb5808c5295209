package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.demo.transfer.FrameStream;
import dev.floe.demo.transfer.TransferCode;
import dev.floe.demo.transfer.TransferException;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.QuicRole;
import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalingClient;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Where the two sides of a transfer meet, as often as they must: one room, in which one connection follows the other. Whoever
 * comes back with the code replaces a connection of which nobody knows yet that it is dead. Safe for several threads.
 */
final class TransferRoom implements AutoCloseable {

    private static final int RETRY_MILLIS = 500;

    // What may pass when the other side comes back.
    private static final Set<String> PASSING = Set.of("no-path", "timeout", "consent-expired", "peer-closed");

    private final QuicRole role;
    private final PeerOptions options;
    private final EventLoopGroup group;
    private final PeerIdentity identity;
    private final Report report;
    private SignalingClient signaling;
    private TrickleExchange exchange;
    private int attempts;
    private int othersAtJoin;
    private Attempt pending;
    private Link current;
    private boolean hasConnected;
    private boolean isStopped;

    TransferRoom(QuicRole role, PeerOptions options, EventLoopGroup group, PeerIdentity identity, Report report) {
        this.role = role;
        this.options = options;
        this.group = group;
        this.identity = identity;
        this.report = report;
    }

    /** A connection, and its one stream. */
    record Link(PeerSession session, PeerReport report, FrameStream stream, QuicChannel connection) {

        /** Closes the connection, and does not wait. */
        void close(String reason) {
            stream.close();
            connection.close(true, 0, Unpooled.copiedBuffer(reason, StandardCharsets.UTF_8));
        }
    }

    /** Why there is no connection. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Event.Result result;

        FailedException(Event.Result result) {
            super(result.message());
            this.result = result;
        }

        Event.Result result() {
            return result;
        }
    }

    /**
     * Enters the room of a code; to be called once.
     *
     * @return how many others are there
     */
    int enter(TransferCode code, StopSignal stop) throws ExecutionException, InterruptedException {
        Future<SignalingClient> joining = options.joinRoom(group, code.room(), this::heard);
        stop.then(() -> joining.cancel(false));
        signaling = joining.get();
        exchange =
                signaling.trickle(role == QuicRole.SERVER ? PakeRole.INITIATOR : PakeRole.RESPONDER, code.password());
        stop.then(this::stop);
        return others();
    }

    /** Waits for a connection. */
    Link connect(Duration patience) throws FailedException, IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Attempt attempt = pendingOrNew();
            try {
                return use(attempt.connected.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                attempt.giveUp(Event.Result.failure(tooLate(patience)));
            } catch (ExecutionException e) {
                FailedException failed = (FailedException) e.getCause();
                if (!mayPass(attempt, failed)) {
                    throw failed;
                }
                forget(attempt);
                TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
            }
        }
    }

    @Override
    public synchronized void close() {
        isStopped = true;
        if (pending != null) {
            pending.giveUp(Event.Result.failure(Failure.STOPPED));
        }
        if (signaling != null) {
            signaling.close();
        }
    }

    private synchronized void stop() {
        isStopped = true;
        if (current != null) {
            current.stream().fail(TransferException.stopped());
        }
        if (pending != null) {
            pending.giveUp(Event.Result.failure(Failure.STOPPED));
        }
    }

    private synchronized void heard(SignalMessage message) {
        if (message instanceof SignalMessage.Joined welcome) {
            othersAtJoin = welcome.peers();
        } else if (message instanceof SignalMessage.PeerJoined && current != null && hasNoAttempt()) {
            begin();
        } else if (message instanceof SignalMessage.PeerLeft && pending != null) {
            pending.isDeserted = true;
        }
    }

    private boolean hasNoAttempt() {
        return pending == null || pending.connected.isCompletedExceptionally();
    }

    private synchronized int others() {
        return othersAtJoin;
    }

    private synchronized Attempt pendingOrNew() throws FailedException {
        current = null;
        if (isStopped) {
            throw new FailedException(Event.Result.failure(Failure.STOPPED));
        }
        return pending == null ? begin() : pending;
    }

    private synchronized Link use(Link link) {
        pending = null;
        current = link;
        hasConnected = true;
        return link;
    }

    private synchronized void forget(Attempt attempt) {
        if (pending == attempt) {
            pending = null;
        }
    }

    private synchronized boolean mayPass(Attempt attempt, FailedException failed) {
        boolean isExpected = hasConnected || attempt.isDeserted;
        return !isStopped
                && isExpected
                && !attempt.isGivenUp
                && PASSING.contains(failed.result().error());
    }

    private Failure tooLate(Duration patience) {
        return new Failure(
                "timeout",
                hasConnected
                        ? "the other side has not come back within " + patience.toSeconds() + " s"
                        : "nobody with this code has come within " + patience.toSeconds() + " s");
    }

    private Attempt begin() {
        attempts++;
        pending = new Attempt(report.of(attempts == 1 ? null : "peer-" + attempts));
        pending.start();
        return pending;
    }

    /** Somebody is there in place of one who may not be; this side's thread goes on with the new connection. */
    private synchronized void replaceCurrent() {
        if (current != null) {
            current.stream().lost();
        }
    }

    /** A connection that is coming about. */
    private final class Attempt {
        private final PeerReport peer;
        private final PeerSession session;
        private final FrameStream stream;
        private final InetSocketAddress bindAddress;
        private final CompletableFuture<Link> connected = new CompletableFuture<>();
        private volatile boolean isDeserted;
        private volatile boolean isGivenUp;

        Attempt(PeerReport peer) {
            this.peer = peer;
            session = new PeerSession(role, peer, group.next());
            stream = new FrameStream(session::accepted);
            // The port that was asked for may still be that of a connection of which nobody knows that it is dead.
            bindAddress = attempts == 1
                    ? options.bindAddress()
                    : new InetSocketAddress(options.bindAddress().getAddress(), 0);
        }

        void start() {
            try {
                PeerConfig config = options.toConfig(group, identity, peer)
                        .timeout(PeerOptions.FOR_EVER)
                        .bindAddress(bindAddress)
                        .streamHandler(streamHandler())
                        .build();
                TrickleExchange reported = session.reported(exchange);
                session.follow(
                        role == QuicRole.SERVER
                                ? PeerConnection.offer(config, reported)
                                : PeerConnection.answer(config, reported),
                        this::opened);
            } catch (IOException | RuntimeException e) {
                connected.completeExceptionally(new FailedException(Event.Result.failure(Failure.of(e))));
                return;
            }
            session.described().addListener(described -> {
                if (described.isSuccess()) {
                    group.schedule(this::expire, options.timeout().toMillis(), TimeUnit.MILLISECONDS);
                }
            });
            session.ended().addListener((Future<Event.Result> ended) -> {
                stream.lost();
                connected.completeExceptionally(new FailedException(ended.getNow()));
            });
        }

        void giveUp(Event.Result why) {
            isGivenUp = true;
            connected.completeExceptionally(new FailedException(why));
            session.stop();
        }

        /** Only the sender opens a stream, and only one. */
        private Supplier<ChannelHandler> streamHandler() {
            AtomicBoolean isTaken = new AtomicBoolean(role == QuicRole.SERVER);
            return () -> isTaken.getAndSet(true) ? new Refusal() : stream;
        }

        private void opened(QuicChannel connection) {
            Link link = new Link(session, peer, stream, connection);
            if (role == QuicRole.SERVER) {
                connection.createStream(QuicStreamType.BIDIRECTIONAL, stream).addListener(created -> {
                    if (created.isSuccess()) {
                        complete(link);
                    } else {
                        connection.close();
                    }
                });
            } else {
                complete(link);
            }
        }

        private void complete(Link link) {
            if (!connected.isDone()) {
                replaceCurrent();
            }
            if (!connected.complete(link)) {
                link.close("too late");
            }
        }

        /** Both know each other, and still there is no connection. */
        private void expire() {
            if (!connected.isDone()) {
                connected.completeExceptionally(
                        new FailedException(Event.Result.failure(new Failure("timeout", "not connected in time"))));
                session.stop();
            }
        }
    }

    private static final class Refusal extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.close();
        }
    }
}
