package dev.floe.stun;

import dev.floe.stun.transaction.StunTransaction;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
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

/**
 * Sends requests and matches the responses to them (RFC 8489, section 6.2.1), by transaction id and method, whatever
 * address they come from. Stands after {@link StunCodec}; may be added and removed at any time. What answers no request
 * of this handler passes untouched.
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
     * Sends {@code request} until it is answered. Callable from any thread; cancelling the future ends the transaction.
     *
     * @return a success or error response of the right method, whose integrity the caller still has to check. It fails
     *     with {@link TimeoutException} without an answer, {@link ClosedChannelException} when the channel closes or this
     *     handler is removed, {@link StunDecodeException} when the answer needs attributes to be understood that are not
     *     known, {@link IllegalStateException} when there are too many transactions, or with what sending failed with
     * @throws IllegalStateException if this handler is in no pipeline
     */
    public Future<StunMessage> request(StunMessage request, InetSocketAddress destination) {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("the handler is in no pipeline");
        }
        if (request.messageClass() != StunClass.REQUEST) {
            throw new IllegalArgumentException("a request is expected, not " + request);
        }
        EventExecutor executor = ctx.executor();
        Pending transaction = new Pending(ctx, request, destination, executor.newPromise());
        if (executor.inEventLoop()) {
            start(transaction);
        } else {
            try {
                executor.execute(() -> start(transaction));
            } catch (RejectedExecutionException e) {
                transaction.promise.tryFailure(e);
            }
        }
        return transaction.promise;
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
        if (!(msg instanceof StunDatagram datagram) || !answer(datagram.content())) {
            ctx.fireChannelRead(msg);
        }
    }

    private boolean answer(StunMessage response) {
        Pending transaction = pending.get(response.transactionId());
        if (transaction == null || !transaction.isAnsweredBy(response)) {
            return false;
        }
        List<StunAttributeType> unknown = response.unknownComprehensionRequired();
        if (unknown.isEmpty()) {
            transaction.promise.trySuccess(response);
        } else {
            transaction.promise.tryFailure(new StunDecodeException("the response needs " + unknown + " understood"));
        }
        return true;
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
        private final Promise<StunMessage> promise;
        private ScheduledFuture<?> timer;

        Pending(
                ChannelHandlerContext ctx,
                StunMessage request,
                InetSocketAddress destination,
                Promise<StunMessage> promise) {
            this.ctx = ctx;
            this.state = new StunTransaction(request, rtoNanos, rc, rm);
            this.destination = destination;
            this.promise = promise;
        }

        boolean isAnsweredBy(StunMessage response) {
            StunMethod method = state.request().method();
            return response.is(StunClass.SUCCESS, method) || response.is(StunClass.ERROR, method);
        }

        void step() {
            if (promise.isDone()) {
                return;
            }
            if (state.exhausted()) {
                promise.tryFailure(new TimeoutException(
                        "no answer from " + destination + " to " + state.transmissions() + " requests"));
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

        void stop() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
