package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceException;
import dev.floe.quic.punch.PunchOutput;
import dev.floe.quic.punch.PunchSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link PunchSession} behind an {@link dev.floe.ice.IceHandler} that knows no other side yet. For each attempt it
 * puts a {@link PunchPathHandler} and a QUIC codec of the attempt's role behind itself. When a handshake is complete, the
 * {@link IcePathHandler} takes the former's place, open over the way by which the handshake came, and this handler leaves.
 */
final class PunchHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(PunchHandler.class);

    private final PunchSession session;
    private final List<Candidate> locals;
    private final Consumer<byte[]> words;
    private final Function<QuicRole, CompletableFuture<PunchEndpoint>> endpoints;
    private final IcePathHandler path;
    private final long originNanos = System.nanoTime();

    private ChannelHandlerContext ctx;
    private Promise<QuicChannel> connected;
    private CompletableFuture<PunchEndpoint> building;
    private PunchEndpoint endpoint;
    private PunchPathHandler attemptPath;
    private List<String> before = List.of();
    private Throwable refusal;
    private Future<?> timer;
    private boolean isTakenOver;

    /**
     * @param locals this side's candidates: those that are told, and the one that the connection's way is said to be of
     * @param words takes what the other side is to be told
     * @param endpoints builds what an attempt takes, for a role, off the event loop
     * @param path takes over in the end
     */
    PunchHandler(
            boolean isOfferer,
            List<Candidate> locals,
            Consumer<byte[]> words,
            Function<QuicRole, CompletableFuture<PunchEndpoint>> endpoints,
            IcePathHandler path) {
        this.locals = locals;
        this.words = words;
        this.endpoints = endpoints;
        this.path = path;
        session = new PunchSession(isOfferer, PunchAddresses.of(locals), new SecureRandom());
    }

    /**
     * The connection, its path layer in place; fails on the event loop with an {@link IceException} if no attempt has come
     * to anything, or with why the other side's certificate was refused if somebody's was.
     */
    Future<QuicChannel> connected() {
        return connected;
    }

    /** What the other side has said; any thread. */
    void heard(byte[] message) {
        ctx.executor().execute(() -> {
            session.receive(message, nowNanos());
            drain();
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        connected = ctx.executor().newPromise();
        session.begin(nowNanos());
        // Whoever has added this handler listens first.
        ctx.executor().execute(this::drain);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        log.debug("{} words and {} addresses were of no use", session.ignored(), session.skipped());
        building = null;
        session.end();
        rearm();
        if (!isTakenOver) {
            connected.tryFailure(new ClosedChannelException());
        }
    }

    /** Between two attempts there is nobody for whom it could be. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (attemptPath == null) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void drain() {
        for (PunchOutput output = session.poll(); output != null; output = session.poll()) {
            perform(output);
        }
        ctx.flush();
        rearm();
    }

    private void perform(PunchOutput output) {
        if (output instanceof PunchOutput.Attempt attempt) {
            begin(attempt);
        } else if (output instanceof PunchOutput.Say word) {
            say(word.message().toByteArray());
        } else if (output instanceof PunchOutput.Learn learn) {
            tell(new PunchEvent.AddressesHeard(learn.attempt(), learn.addresses(), learn.roundTrip()));
        } else if (output instanceof PunchOutput.Serve serve) {
            install(PunchPathHandler.dialled(serve.expected()));
        } else if (output instanceof PunchOutput.Probe probe) {
            byte[] content = probe.content().toByteArray();
            ctx.write(new DatagramPacket(Unpooled.wrappedBuffer(content), probe.destination(), base()));
        } else if (output instanceof PunchOutput.Dial dial) {
            install(PunchPathHandler.dialling(dial.destinations(), base(), this::heardElsewhere));
        } else if (output instanceof PunchOutput.Fail) {
            endAttempt();
            connected.tryFailure(refusal == null ? new IceException(Reason.NO_PATH) : refusal);
        }
    }

    private void begin(PunchOutput.Attempt attempt) {
        endAttempt();
        QuicRole role = attempt.isDialling() ? QuicRole.CLIENT : QuicRole.SERVER;
        building = endpoints.apply(role);
        tell(new PunchEvent.AttemptBegun(attempt.number(), role));
    }

    private void say(byte[] word) {
        try {
            words.accept(word);
        } catch (RuntimeException e) {
            session.end();
            connected.tryFailure(e);
        }
    }

    /** Puts the attempt's path layer and codec behind this handler, as soon as the codec is there. */
    private void install(PunchPathHandler attempted) {
        CompletableFuture<PunchEndpoint> built = building;
        built.whenComplete((ready, failure) -> ctx.executor().execute(() -> {
            if (built != building) {
                return;
            }
            if (failure != null) {
                connected.tryFailure(failure);
                return;
            }
            install(attempted, ready);
        }));
    }

    private void install(PunchPathHandler attempted, PunchEndpoint ready) {
        ChannelPipeline pipeline = ctx.pipeline();
        before = handlerNames();
        attemptPath = attempted;
        endpoint = ready;
        pipeline.addAfter(ctx.name(), null, attempted);
        pipeline.addAfter(pipeline.context(attempted).name(), null, ready.codec());
        ready.kept().addListener((Future<PunchEndpoint.Kept> kept) -> {
            session.end();
            rearm();
            // A turn later: what tells the others that they are not the one still goes by this attempt's path layer.
            ctx.executor().execute(() -> takeOver(kept.getNow()));
        });
        ready.onRefusal(synthetic -> refused(attempted, synthetic));
        if (ready.role() == QuicRole.CLIENT) {
            attempted.ways().forEach(way -> ready.dial(ctx.channel(), way.synthetic()));
        }
    }

    private void refused(PunchPathHandler attempted, InetSocketAddress synthetic) {
        if (attempted == attemptPath && attempted.isNamed(synthetic)) {
            session.refused(nowNanos());
            rearm();
        }
    }

    private void takeOver(PunchEndpoint.Kept kept) {
        if (connected.isDone()) {
            return;
        }
        isTakenOver = true;
        PunchPathHandler.Way way = attemptPath.of(kept.synthetic());
        CandidatePair pair = pair(way);
        path.openVerified(pair, way.synthetic());
        ctx.pipeline().replace(attemptPath, null, path);
        endpoint.takenOver(kept.connection());
        ctx.pipeline().remove(this);
        tell(new PunchEvent.Punched(pair));
        ctx.pipeline().fireUserEventTriggered(new SwapEvent(before, handlerNames(), 0));
        connected.trySuccess(kept.connection());
        endpoint.given();
    }

    private CandidatePair pair(PunchPathHandler.Way way) {
        Class<?> family = way.remote().getAddress().getClass();
        Candidate local = locals.stream()
                .filter(candidate -> candidate.type() == CandidateType.HOST)
                .filter(candidate -> family.isInstance(candidate.address().getAddress()))
                .findFirst()
                .orElseGet(() -> new Candidate("punch", 1, way.base(), CandidateType.HOST, null));
        Candidate remote = new Candidate("punch", 1, way.remote(), CandidateType.PEER_REFLEXIVE, null);
        return new CandidatePair(local, remote, way.base());
    }

    /** Takes away what the attempt has put into the pipeline; its connections end with its codec. */
    private void endAttempt() {
        building = null;
        if (endpoint != null) {
            refusal = endpoint.refusal().<Throwable>map(why -> why).orElse(refusal);
            ctx.pipeline().remove(endpoint.codec());
            ctx.pipeline().remove(attemptPath);
            endpoint = null;
            attemptPath = null;
        }
    }

    private void heardElsewhere() {
        session.heardElsewhere();
        rearm();
    }

    private void rearm() {
        if (timer != null) {
            timer.cancel(false);
        }
        long deadline = session.deadlineNanos();
        timer = deadline == Long.MAX_VALUE
                ? null
                : ctx.executor().schedule(this::advance, deadline - nowNanos(), TimeUnit.NANOSECONDS);
    }

    private void advance() {
        session.advance(nowNanos());
        drain();
    }

    /** To those before this handler, too. */
    private void tell(PunchEvent event) {
        ctx.pipeline().fireUserEventTriggered(event);
    }

    private InetSocketAddress base() {
        return (InetSocketAddress) ctx.channel().localAddress();
    }

    // Without the tail, which is every pipeline's.
    private List<String> handlerNames() {
        return List.copyOf(ctx.pipeline().toMap().keySet());
    }

    private long nowNanos() {
        return System.nanoTime() - originNanos;
    }
}
