package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.TrickleExchange;
import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * {@link ConnectMethod#PUNCH} from the bound channel to the connection: ICE only gathers, signaling carries who the two are
 * and the words of hole punching, and ICE begins over the control stream of the connection that comes of it.
 */
final class PunchMethod {

    /** For ICE to take over, on a connection whose other side may be gone; until then there is no consent to expire. */
    private static final int TAKE_OVER_SECONDS = 30;

    /** More words than two sides have to say to each other. */
    private static final int MAX_WORDS = 64;

    private final boolean isOfferer;
    private final PeerConfig config;
    private final TrickleExchange exchange;
    private final Channel channel;
    private final IceHandler ice;
    private final IcePathHandler path;
    private final InBandSignaling inBand;
    private final TrickleHandler trickle;
    private final CompletableFuture<?> warmUp;
    private final Function<QuicRole, CompletableFuture<PunchEndpoint>> endpoints;
    private final Promise<QuicChannel> connected;
    private final Promise<PunchHandler> punching;
    private final Promise<Void> standing;

    /**
     * @param warmUp what building an endpoint waits for: in the middle of an attempt nobody has the time
     * @param endpoints builds an attempt's endpoint, off the event loop
     */
    PunchMethod(
            boolean isOfferer,
            PeerConfig config,
            TrickleExchange exchange,
            Channel channel,
            IceHandler ice,
            IcePathHandler path,
            InBandSignaling inBand,
            TrickleHandler trickle,
            CompletableFuture<?> warmUp,
            Function<QuicRole, CompletableFuture<PunchEndpoint>> endpoints) {
        this.isOfferer = isOfferer;
        this.config = config;
        this.exchange = exchange;
        this.channel = channel;
        this.ice = ice;
        this.path = path;
        this.inBand = inBand;
        this.trickle = trickle;
        this.warmUp = warmUp;
        this.endpoints = endpoints;
        connected = channel.eventLoop().newPromise();
        punching = channel.eventLoop().newPromise();
        standing = channel.eventLoop().newPromise();
    }

    /** On the event loop, once the channel is bound; the connection, or why there is none, as {@link PeerConnection} says. */
    Future<QuicChannel> connect() {
        if (!config.trust.judgesClients()) {
            return connected.setFailure(
                    new IllegalStateException(
                            "method punch has nothing but certificates to tell a peer from a stranger, and so takes fingerprints"));
        }
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                punching.tryFailure(done.cause());
            }
        });
        PunchAddresses addresses = new PunchAddresses();
        channel.pipeline().addLast(addresses);
        addresses
                .known()
                .addListener(known -> warmUp.whenComplete(
                        (warm, failure) -> channel.eventLoop().execute(this::exchange)));
        ice.gather().addListener(gathered -> {
            if (!gathered.isSuccess()) {
                connected.tryFailure(gathered.cause());
            }
        });
        return connected;
    }

    private void exchange() {
        // ICE's own credentials are for the control stream: in signaling these are but a name.
        IceDescription local = new IceDescription(
                IceCredentials.random(new SecureRandom()),
                config.identity.fingerprint(),
                ice.localDescription().options(),
                List.of());
        try {
            TrickleExchange.Session session = exchange.begin(local, new Ears());
            session.end();
            session.remote()
                    .addListener((Future<IceDescription> remote) -> channel.eventLoop()
                            .execute(() -> {
                                if (remote.isSuccess()) {
                                    punch(session, local, remote.getNow());
                                } else {
                                    connected.tryFailure(remote.cause());
                                }
                            }));
        } catch (RuntimeException e) {
            connected.tryFailure(e);
        }
    }

    private void punch(TrickleExchange.Session session, IceDescription local, IceDescription remote) {
        if (!channel.isActive()) {
            return;
        }
        try {
            config.method.requireOf(remote);
            config.trust.given(remote.certificateFingerprint());
        } catch (MethodMismatchException | CertificateException e) {
            connected.tryFailure(e);
            return;
        }
        if (!InBandSignaling.isAgreed(local, remote)) {
            connected.tryFailure(new IllegalStateException(
                    "method punch takes a control stream for what ICE has to say, and one side offers none"));
            return;
        }
        inBand.begin();
        PunchHandler handler = new PunchHandler(
                isOfferer,
                ice.localDescription().candidates(),
                session::message,
                role -> endpoints.apply(role).thenApply(endpoint -> described(endpoint, remote)),
                path);
        channel.pipeline().addLast(handler);
        handler.connected().addListener((Future<QuicChannel> done) -> {
            if (done.isSuccess()) {
                trickle.tellThrough(session, ice.localDescription().candidates());
                standing.setSuccess(null);
                endUnlessTakenOver(done.getNow());
                connected.trySuccess(done.getNow());
            } else {
                connected.tryFailure(done.cause());
            }
        });
        punching.trySuccess(handler);
    }

    private void endUnlessTakenOver(QuicChannel connection) {
        Future<?> limit = channel.eventLoop().schedule(() -> connection.close(), TAKE_OVER_SECONDS, TimeUnit.SECONDS);
        ice.connected().addListener(over -> limit.cancel(false));
    }

    private PunchEndpoint described(PunchEndpoint endpoint, IceDescription remote) {
        try {
            endpoint.described(remote.certificateFingerprint(), new ControlStreamHandler(inBand));
            return endpoint;
        } catch (CertificateException e) {
            throw new IllegalStateException("judged before", e);
        }
    }

    /** Hears what signaling brings: words as soon as there is somebody to hear them, candidates when the connection stands. */
    private final class Ears implements TrickleExchange.Candidates {
        private final SignaledCandidates candidates = new SignaledCandidates(ice, inBand, standing);
        private final AtomicInteger words = new AtomicInteger();

        @Override
        public void add(Candidate candidate) {
            candidates.add(candidate);
        }

        @Override
        public void end() {
            candidates.end();
        }

        @Override
        public void message(byte[] content) {
            if (words.incrementAndGet() <= MAX_WORDS) {
                punching.addListener(ready -> {
                    if (ready.isSuccess()) {
                        punching.getNow().heard(content);
                    }
                });
            }
        }
    }
}
