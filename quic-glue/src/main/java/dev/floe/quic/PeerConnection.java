package dev.floe.quic;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidatePairStats;
import dev.floe.ice.CandidateType;
import dev.floe.ice.DescriptionExchange;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceException;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.capture.CaptureTap;
import dev.floe.stun.StunCodec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The whole way from nothing to a QUIC connection between two peers: a configuration and a way to exchange descriptions
 * in, a {@link QuicChannel} out. It binds one datagram channel, gathers, exchanges, lets ICE find a way, swaps, and
 * completes the handshake. Closing the QUIC channel closes the datagram channel, and the other way round.
 *
 * <p>The future completes on the datagram channel's event loop. It fails with
 *
 * <ul>
 *   <li>an {@link dev.floe.ice.IceException} if there is no way between the peers,
 *   <li>a {@link CertificateException}, often a {@link FingerprintMismatchException}, if the other side is not who it
 *       should be,
 *   <li>a {@link MethodMismatchException} if the other side connects by another method,
 *   <li>a {@link PeerRefusedException} if the other side says so of this one,
 *   <li>an {@link IOException} if the address cannot be bound,
 *   <li>a {@link TimeoutException} if it takes longer than configured,
 *   <li>a {@link ClosedChannelException} if somebody else closes the datagram channel, and
 *   <li>whatever the exchange fails with or throws.
 * </ul>
 *
 * <p>When consent expires later (RFC 7675), an {@link IceEvent.SessionFailed} is fired through the QUIC channel's
 * pipeline before that channel is closed.
 */
public final class PeerConnection {

    // ICE's consent ends a dead connection; a peer that is not known to keep answering checks gives no consent.
    private static final Duration NO_IDLE_TIMEOUT = Duration.ZERO;
    private static final Duration IDLE_TIMEOUT_WITHOUT_CONSENT = Duration.ofSeconds(30);

    private static final AttributeKey<PeerConnection> OWNER = AttributeKey.valueOf(PeerConnection.class, "owner");

    private final QuicRole role;
    private final PeerConfig config;
    private final TrickleExchange exchange;
    private final PeerTransport transport;
    private final EventLoop eventLoop;
    private final AddressPolicy addressPolicy;
    private final IceHandler ice;
    private final IcePathHandler path;
    private final InBandSignaling inBand;
    private final TrickleHandler trickle;
    private final Optional<TraversalHandler> traversal;
    private final Channel channel;
    private final List<Consumer<String>> keyLogs = new ArrayList<>();
    private final Promise<QuicChannel> connected;

    PeerConnection(QuicRole role, PeerConfig config, TrickleExchange exchange, PeerTransport transport) {
        this.role = role;
        this.config = config;
        this.exchange = exchange;
        this.transport = transport;
        eventLoop = transport.eventLoop();
        connected = eventLoop.newPromise();
        IceRole iceRole = role == QuicRole.SERVER ? IceRole.CONTROLLING : IceRole.CONTROLLED;
        Optional<CaptureTap> tap = config.capture.map(Supplier::get);
        tap.ifPresent(keyLogs::add);
        config.keyLog.ifPresent(keyLogs::add);
        IceConfig offering = InBandSignaling.offering(captured(iceConfig(iceRole, config), tap));
        addressPolicy = offering.addressPolicy();
        ice = transport.newIceHandler(offering.withOptions(config.method.addedTo(offering.options())));
        path = transport.newPathHandler(ice);
        inBand = new InBandSignaling(ice, path);
        boolean isDraft = config.method == ConnectMethod.DRAFT;
        trickle = new TrickleHandler(inBand, told -> !isDraft || told.type() == CandidateType.RELAYED);
        traversal = isDraft ? Optional.of(new TraversalHandler(ice, role)) : Optional.empty();
        ChannelFuture bound = transport.open(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                tap.ifPresent(capturing -> channel.pipeline().addLast(capturing.tunnelHandler()));
                channel.pipeline().addLast(new StunCodec(), ice, trickle);
                traversal.ifPresent(draft -> channel.pipeline().addLast(draft));
                config.observer.ifPresent(observer -> channel.pipeline().addLast(observer));
            }
        });
        channel = bound.channel();
        endWithin(config.timeout);
        bound.addListener(done -> {
            if (done.isSuccess()) {
                gather();
            } else {
                connected.tryFailure(
                        done.cause() instanceof ClosedChannelException ? done.cause() : cannotBind(done.cause()));
            }
        });
    }

    /**
     * The offering side: controls ICE, is the QUIC server unless an attempt at {@link ConnectMethod#PUNCH} swaps the roles.
     *
     * @param config what to bind, ask and trust
     * @param exchange carries the descriptions and the candidates
     * @return the connection, its handshake complete; fails as said above
     */
    public static Future<QuicChannel> offer(PeerConfig config, TrickleExchange exchange) {
        return connect(QuicRole.SERVER, config, exchange, true);
    }

    /**
     * The offering side, which tells nothing before it knows all of its candidates.
     *
     * @param config what to bind, ask and trust
     * @param exchange carries the descriptions
     * @return the connection, its handshake complete; fails as said above
     */
    public static Future<QuicChannel> offer(PeerConfig config, DescriptionExchange exchange) {
        return offer(config, TrickleExchange.half(exchange));
    }

    /**
     * The answering side: is the QUIC client, with the same exception.
     *
     * @param config what to bind, ask and trust
     * @param exchange carries the descriptions and the candidates
     * @return the connection, its handshake complete; fails as said above
     */
    public static Future<QuicChannel> answer(PeerConfig config, TrickleExchange exchange) {
        return connect(QuicRole.CLIENT, config, exchange, true);
    }

    /**
     * The answering side, which tells nothing before it knows all of its candidates.
     *
     * @param config what to bind, ask and trust
     * @param exchange carries the descriptions
     * @return the connection, its handshake complete; fails as said above
     */
    public static Future<QuicChannel> answer(PeerConfig config, DescriptionExchange exchange) {
        return answer(config, TrickleExchange.half(exchange));
    }

    /**
     * What stands behind a connection that {@link #offer} or {@link #answer} has given.
     *
     * @param connection that a future of theirs has completed with
     * @return the same one each time
     * @throws IllegalArgumentException for any other
     */
    public static PeerConnection of(QuicChannel connection) {
        PeerConnection owner = connection.attr(OWNER).get();
        if (owner == null) {
            throw new IllegalArgumentException("not a connection between peers: " + connection);
        }
        return owner;
    }

    /**
     * Restarts ICE (RFC 8445 §9), the other side being told in-band: new credentials, new candidates, new checks. The pair
     * in use carries data until another is. A change of network needs none.
     *
     * @return the pair that is in use then; fails with an {@link IceException} if none is found, while the one before goes
     *     on, and with an {@link IllegalStateException} if there is no control stream
     */
    public Future<CandidatePair> restart() {
        Promise<CandidatePair> outcome = eventLoop.newPromise();
        eventLoop.execute(() -> {
            if (inBand.isOpen()) {
                channel.pipeline()
                        .addAfter(channel.pipeline().context(ice).name(), null, new RestartOutcome(ice, outcome));
                ice.restart();
            } else {
                outcome.setFailure(new IllegalStateException("no control stream to tell the other side over"));
            }
        });
        return outcome;
    }

    /** For one who knows that the network has changed, which is otherwise found out within a moment. */
    public void networkChanged() {
        ice.networkChanged();
    }

    /**
     * {@return a future that completes when all is over: the connection closed, and with it the datagram channel, or the
     * connection's part in a {@link PeerPort}}
     */
    public Future<Void> closeFuture() {
        return channel.closeFuture();
    }

    /** {@return what has passed over each candidate pair, QUIC's bytes among it} */
    public Future<List<CandidatePairStats>> stats() {
        Promise<List<CandidatePairStats>> stats = eventLoop.newPromise();
        ice.stats().addListener((Future<List<CandidatePairStats>> counted) -> {
            if (counted.isSuccess()) {
                stats.setSuccess(path.withBytes(counted.getNow()));
            } else {
                stats.setFailure(counted.cause());
            }
        });
        return stats;
    }

    /** As {@link #offer} or {@link #answer}, without a warm-up. */
    static Future<QuicChannel> cold(QuicRole role, PeerConfig config, DescriptionExchange exchange) {
        return connect(role, config, TrickleExchange.half(exchange), false);
    }

    private static Future<QuicChannel> connect(
            QuicRole role, PeerConfig config, TrickleExchange exchange, boolean isWarmedUp) {
        return new PeerConnection(role, config, exchange, new OwnTransport(role, config, isWarmedUp)).connected;
    }

    /** The connection, its handshake complete; fails as said above. */
    Future<QuicChannel> connected() {
        return connected;
    }

    /** What ICE is to know by this configuration. */
    static IceConfig iceConfig(IceRole role, PeerConfig config) {
        return config.ice
                .apply(IceConfig.builder(role)
                        .stunServers(config.stunServers)
                        .turnServers(config.turnServers)
                        .addressPolicy(AddressPolicy.ALL)
                        .directPairsOnRequest(config.method == ConnectMethod.DRAFT))
                .build();
    }

    /** After what the application does with a socket: nothing stands between the capture and it. */
    private static IceConfig captured(IceConfig settings, Optional<CaptureTap> tap) {
        return tap.map(capturing -> settings.toBuilder()
                        .socketInitializer(settings.socketInitializer().andThen(capture(capturing)))
                        .build())
                .orElse(settings);
    }

    private static Consumer<Channel> capture(CaptureTap tap) {
        return socket -> socket.pipeline().addFirst(tap.wireHandler());
    }

    private void gather() {
        channel.closeFuture().addListener(closed -> connected.tryFailure(new ClosedChannelException()));
        onSuccess(ice.sessionFailed(), this::sessionFailed);
        if (config.method == ConnectMethod.PUNCH) {
            onSuccess(punch(), this::connected);
            return;
        }
        CompletableFuture<QuicEndpoint> building = buildEndpoint(NO_IDLE_TIMEOUT);
        onSuccess(ice.gather(), all -> {});
        onSuccess(trickle.started(), started -> onSuccess(building, this::exchange));
    }

    private Future<QuicChannel> punch() {
        if (!(transport instanceof OwnTransport)) {
            return eventLoop.newFailedFuture(
                    new UnsupportedOperationException(
                            "at a port for many peers one is known by what ICE says of it, so method punch takes a port of its own"));
        }
        if (addressPolicy == AddressPolicy.RELAY_ONLY) {
            return eventLoop.newFailedFuture(new IllegalStateException(
                    "method punch goes directly, and so shows an address that is to be hidden"));
        }
        return new PunchMethod(
                        role == QuicRole.SERVER,
                        config,
                        exchange,
                        channel,
                        ice,
                        path,
                        inBand,
                        trickle,
                        build(() -> WarmUp.once(config.identity)),
                        actual -> build(() -> new PunchEndpoint(actual, config, keyLogs, eventLoop)))
                .connect();
    }

    private void exchange(QuicEndpoint endpoint) {
        if (connected.isDone()) {
            return;
        }
        IceDescription local = ice.localDescription().withFingerprint(config.identity.fingerprint());
        Promise<Void> described = eventLoop.newPromise();
        TrickleExchange.Session session;
        try {
            session = exchange.begin(local, new SignaledCandidates(ice, inBand, described));
        } catch (RuntimeException e) {
            connected.tryFailure(e);
            return;
        }
        trickle.tellThrough(session, local.candidates());
        onSuccess(session.remote(), remote -> {
            if (remote.options().isEmpty()) {
                onSuccess(buildEndpoint(IDLE_TIMEOUT_WITHOUT_CONSENT), rebuilt -> check(remote, rebuilt, described));
            } else {
                check(remote, endpoint, described);
            }
        });
    }

    private void check(IceDescription remote, QuicEndpoint endpoint, Promise<Void> described) {
        try {
            config.method.requireOf(remote);
            endpoint.described(remote.certificateFingerprint());
        } catch (MethodMismatchException | CertificateException e) {
            connected.tryFailure(e);
            return;
        }
        if (InBandSignaling.isAgreed(ice.localDescription(), remote)) {
            endpoint.reserveControlStream(new ControlStreamHandler(inBand));
            traversal.ifPresent(draft -> endpoint.reserveTraversalStream(new TraversalStreamHandler(draft)));
        }
        QuicSwapHandler swap = new QuicSwapHandler(path, endpoint.codec(), role, config.isEarlyStart);
        channel.pipeline().addLast(swap);
        onSuccess(swap.swapped(), endpoint::begin);
        onSuccess(endpoint.connection(), this::connected);
        ice.setRemoteDescription(remote);
        described.setSuccess(null);
    }

    private void connected(QuicChannel connection) {
        connection.attr(OWNER).set(this);
        // A turn later, since the codec may not have flushed yet what tells the other side.
        connection.closeFuture().addListener(closed -> eventLoop.execute(channel::close));
        if (!connected.trySuccess(connection)) {
            connection.close();
        }
    }

    private void sessionFailed(IceEvent.SessionFailed failure) {
        if (connected.isSuccess()) {
            QuicChannel connection = connected.getNow();
            connection.pipeline().fireUserEventTriggered(failure);
            connection.close();
        } else {
            connected.tryFailure(new IceException(failure.reason()));
        }
    }

    private IOException cannotBind(Throwable cause) {
        String address = NetUtil.toSocketAddressString(config.bindAddress);
        return new IOException("cannot bind " + address + ": " + cause.getMessage(), cause);
    }

    private CompletableFuture<QuicEndpoint> buildEndpoint(Duration idleTimeout) {
        return build(() -> transport.buildEndpoint(keyLogs, idleTimeout));
    }

    private <T> CompletableFuture<T> build(Supplier<T> building) {
        return CompletableFuture.supplyAsync(building, PeerConnection::onThreadOfItsOwn);
    }

    // Who waits for the warm-up in a pool may take the threads that the warm-up itself is waiting for.
    static void onThreadOfItsOwn(Runnable build) {
        Thread thread = new Thread(build, "quic-build");
        thread.setDaemon(true);
        thread.start();
    }

    private void endWithin(Duration timeout) {
        Future<?> timer = eventLoop.schedule(
                () -> connected.tryFailure(new TimeoutException("not connected in time")),
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
        connected.addListener(ended -> {
            timer.cancel(false);
            if (!ended.isSuccess()) {
                channel.close();
            }
        });
    }

    private <T> void onSuccess(Future<T> future, Consumer<? super T> next) {
        future.addListener((Future<T> done) -> proceed(done.getNow(), done.cause(), next));
    }

    private <T> void onSuccess(CompletableFuture<T> future, Consumer<? super T> next) {
        future.whenComplete((result, failure) -> proceed(result, failure == null ? null : failure.getCause(), next));
    }

    private <T> void proceed(T result, Throwable failure, Consumer<? super T> next) {
        if (failure != null) {
            connected.tryFailure(failure);
        } else if (eventLoop.inEventLoop()) {
            next.accept(result);
        } else {
            eventLoop.execute(() -> next.accept(result));
        }
    }
}
