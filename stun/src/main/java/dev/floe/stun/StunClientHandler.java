package dev.floe.stun;

import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.transaction.StunTransaction;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Sends requests and matches the responses to them (RFC 8489, section 6.2.1), by transaction id and method, whatever
 * address they come from. Stands after {@link StunCodec}; may be added and removed at any time. What answers no request
 * of this handler passes untouched.
 *
 * <p>{@link #request} does what credentials, redirections and servers in trouble need; {@link #transact} is one plain
 * transaction.
 */
public final class StunClientHandler extends ChannelInboundHandlerAdapter {
    private static final long DEFAULT_RTO_MILLIS = 500;
    private static final int DEFAULT_RC = 7;
    private static final int DEFAULT_RM = 16;
    private static final int DEFAULT_LIMIT = 1024;

    private final long rtoNanos;
    private final int rc;
    private final int rm;
    private final int limit;
    private final Map<TransactionId, Pending> pending = new HashMap<>();
    private volatile ChannelHandlerContext context;

    /** With the RFC's timing, RTO 500 ms, Rc 7 and Rm 16, and at most 1024 transactions at a time. */
    public StunClientHandler() {
        this(DEFAULT_RTO_MILLIS, DEFAULT_RC, DEFAULT_RM, DEFAULT_LIMIT);
    }

    /**
     * With a timing of its own.
     *
     * @param rtoMillis the first retransmission time-out; it doubles each time
     * @param rc how often a request is sent at most
     * @param rm how many {@code rtoMillis} the answer is waited for after the last time
     * @param limit how many transactions there may be at a time
     */
    public StunClientHandler(long rtoMillis, int rc, int rm, int limit) {
        if (rtoMillis < 1 || rc < 1 || rm < 1 || limit < 1) {
            throw new IllegalArgumentException("RTO, Rc, Rm and limit must be positive");
        }
        this.rtoNanos = TimeUnit.MILLISECONDS.toNanos(rtoMillis);
        this.rc = rc;
        this.rm = rm;
        this.limit = limit;
    }

    /**
     * Makes a request without credentials. Callable from any thread; cancelling the future ends the request.
     *
     * @param request not yet sent
     * @param server where it goes first, resolved
     * @return as of {@link #request(StunMessage, InetSocketAddress, StunCredential)}
     * @throws IllegalStateException if this handler is in no pipeline
     */
    public Future<StunMessage> request(StunMessage request, InetSocketAddress server) {
        return request(request, server, StunCredential.none());
    }

    /**
     * Makes a request, signs it as the server wants it, and goes on to another server if this one says so (RFC 8489,
     * sections 9 and 10). A server in trouble (5xx) is asked again up to four times. Callable from any thread; cancelling
     * the future ends the request.
     *
     * @param request not signed, and not yet sent
     * @param server where it goes first, resolved
     * @param credential what the server knows this client by
     * @return a success or error response of the right method, signed by the server if the request was signed. It fails
     *     with {@link TimeoutException} without an answer, {@link StunIntegrityException} if there were answers and
     *     none was signed as it must be, {@link ClosedChannelException} when the channel closes or this handler is
     *     removed, {@link StunDecodeException} when the answer needs attributes to be understood that are not known,
     *     {@link IllegalStateException} when there are too many transactions, or with what sending failed with
     * @throws IllegalStateException if this handler is in no pipeline
     */
    public Future<StunMessage> request(StunMessage request, InetSocketAddress server, StunCredential credential) {
        if (request.has(MessageIntegrity.class) || request.has(MessageIntegritySha256.class)) {
            throw new IllegalArgumentException("the request is already signed, its credential does that");
        }
        ChannelHandlerContext ctx = context(request);
        Promise<StunMessage> promise = ctx.executor().newPromise();
        execute(ctx, promise, () -> new StunExchange(this, ctx, request, server, credential, promise).start());
        return promise;
    }

    /**
     * Sends {@code request} as it is until it is answered, and takes any answer. Callable from any thread; cancelling the
     * future ends the transaction.
     *
     * @param request not yet sent
     * @param destination where it goes, resolved
     * @return a success or error response of the right method and where it came from, whose integrity the caller still
     *     has to check; fails as {@link #request(StunMessage, InetSocketAddress, StunCredential)} does
     * @throws IllegalStateException if this handler is in no pipeline
     */
    public Future<StunDatagram> transact(StunMessage request, InetSocketAddress destination) {
        return transact(context(request), request, destination, response -> true);
    }

    /** An answer that is not acceptable is as if it never came. */
    Future<StunDatagram> transact(
            ChannelHandlerContext ctx,
            StunMessage request,
            InetSocketAddress destination,
            Predicate<StunMessage> isAcceptable) {
        Promise<StunDatagram> promise = ctx.executor().newPromise();
        Pending transaction = new Pending(ctx, request, destination, isAcceptable, promise);
        execute(ctx, promise, () -> start(transaction));
        return promise;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        context = null;
        failAll();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failAll();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof StunDatagram datagram) || !answer(datagram)) {
            ctx.fireChannelRead(msg);
        }
    }

    private boolean answer(StunDatagram response) {
        Pending transaction = pending.get(response.content().transactionId());
        if (transaction == null || !transaction.isAnsweredBy(response.content())) {
            return false;
        }
        transaction.answered(response);
        return true;
    }

    private ChannelHandlerContext context(StunMessage request) {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("the handler is in no pipeline");
        }
        if (request.messageClass() != StunClass.REQUEST) {
            throw new IllegalArgumentException("a request is expected, not " + request);
        }
        return ctx;
    }

    private static void execute(ChannelHandlerContext ctx, Promise<?> promise, Runnable task) {
        if (ctx.executor().inEventLoop()) {
            task.run();
            return;
        }
        try {
            ctx.executor().execute(task);
        } catch (RejectedExecutionException e) {
            promise.tryFailure(e);
        }
    }

    private void start(Pending transaction) {
        TransactionId id = transaction.state.request().transactionId();
        if (context == null) {
            transaction.promise.tryFailure(new ClosedChannelException());
        } else if (pending.size() >= limit) {
            transaction.promise.tryFailure(new IllegalStateException("there are already " + limit + " transactions"));
        } else if (pending.putIfAbsent(id, transaction) != null) {
            transaction.promise.tryFailure(new IllegalStateException("transaction " + id + " is already under way"));
        } else {
            transaction.promise.addListener(done -> {
                pending.remove(id);
                transaction.stop();
            });
            transaction.step();
        }
    }

    private void failAll() {
        for (Pending transaction : List.copyOf(pending.values())) {
            transaction.promise.tryFailure(new ClosedChannelException());
        }
    }

    /** One transaction in the event loop: its state, driven by the channel's timer. */
    private final class Pending {
        private final ChannelHandlerContext ctx;
        private final StunTransaction state;
        private final InetSocketAddress destination;
        private final Predicate<StunMessage> isAcceptable;
        private final Promise<StunDatagram> promise;
        private ScheduledFuture<?> timer;
        private int discarded;

        Pending(
                ChannelHandlerContext ctx,
                StunMessage request,
                InetSocketAddress destination,
                Predicate<StunMessage> isAcceptable,
                Promise<StunDatagram> promise) {
            this.ctx = ctx;
            this.state = new StunTransaction(request, rtoNanos, rc, rm);
            this.destination = destination;
            this.isAcceptable = isAcceptable;
            this.promise = promise;
        }

        boolean isAnsweredBy(StunMessage response) {
            StunMethod method = state.request().method();
            return response.is(StunClass.SUCCESS, method) || response.is(StunClass.ERROR, method);
        }

        void answered(StunDatagram response) {
            List<StunAttributeType> unknown = response.content().unknownComprehensionRequired();
            if (!isAcceptable.test(response.content())) {
                discarded++;
                // Over a reliable transport there will be no other one (RFC 8489, section 9.2.5).
                if (ctx.channel() instanceof DuplexChannel) {
                    promise.tryFailure(exhausted());
                }
            } else if (unknown.isEmpty()) {
                promise.trySuccess(response);
            } else {
                promise.tryFailure(new StunDecodeException("the response needs " + unknown + " understood"));
            }
        }

        void step() {
            if (promise.isDone()) {
                return;
            }
            if (state.exhausted()) {
                promise.tryFailure(exhausted());
                return;
            }
            long now = System.nanoTime();
            state.transmitted(now);
            timer = ctx.executor().schedule(this::step, state.deadlineNanos() - now, TimeUnit.NANOSECONDS);
            ctx.writeAndFlush(new StunDatagram(state.request(), destination, null))
                    .addListener((ChannelFuture sent) -> {
                        if (!sent.isSuccess()) {
                            promise.tryFailure(sent.cause());
                        }
                    });
        }

        private Exception exhausted() {
            return discarded == 0
                    ? new TimeoutException(
                            "no answer from " + destination + " to " + state.transmissions() + " requests")
                    : new StunIntegrityException(
                            "none of " + discarded + " answers from " + destination + " was signed as it must be");
        }

        void stop() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
