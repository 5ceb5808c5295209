package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.TransactionId;
import dev.floe.stun.transaction.LongTermCredential;
import dev.floe.stun.transaction.StunTransaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The requests that are under way: sends them, again where the transport is unreliable, and once more with credentials or
 * with a new nonce when the server asks for it, on whatever method (RFC 8489, sections 6.2 and 9.2.5).
 */
final class TurnTransactions {
    private static final long RTO_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int RC = 7;
    private static final int RM = 16;

    /** RFC 8489, section 6.2.2. */
    private static final long TI_NANOS = TimeUnit.MILLISECONDS.toNanos(39_500);

    /** Enough for a challenge and for nonces that expire under way; a server that goes on is given up. */
    private static final int MAX_ATTEMPTS = 5;

    /**
     * RFC 8489 would have a client ignore answers without integrity until it gives up. Coturn with mobility has no other
     * for a client that it has forgotten; only one who sees the request can answer it so three times.
     */
    private static final int MAX_DISCARDED = 3;

    private final String server;
    private final RandomGenerator random;
    private final LongTermCredential credential;
    private final boolean isReliable;
    private final Consumer<StunMessage> out;
    private final Map<TransactionId, Pending> pending = new HashMap<>();

    TurnTransactions(
            String server,
            RandomGenerator random,
            LongTermCredential credential,
            boolean isReliable,
            Consumer<StunMessage> out) {
        this.server = server;
        this.random = random;
        this.credential = credential;
        this.isReliable = isReliable;
        this.out = out;
    }

    void start(TurnRequest request, long nowNanos) {
        new Pending(request).send(nowNanos);
    }

    /** Sends a request of which nobody awaits the answer. */
    void sendOnce(TurnRequest request) {
        out.accept(build(request));
    }

    /** Whether the message answered a request of this client. */
    boolean receive(StunMessage response, long nowNanos) {
        Pending answered = pending.get(response.transactionId());
        if (answered == null || !answered.isAnsweredBy(response)) {
            return false;
        }
        answered.receive(response, nowNanos);
        return true;
    }

    /** Forgets what is under way, without a word to those who asked. */
    void clear() {
        pending.clear();
    }

    /** Forgets one request, if it is under way. */
    void forget(TurnRequest request) {
        pending.values().removeIf(transaction -> transaction.request.equals(request));
    }

    void advance(long nowNanos) {
        for (Pending transaction : List.copyOf(pending.values())) {
            if (transaction.deadlineNanos() <= nowNanos && transaction.isUnderWay()) {
                transaction.step(nowNanos);
            }
        }
    }

    long deadlineNanos() {
        long deadline = TurnSession.NEVER;
        for (Pending transaction : pending.values()) {
            deadline = Math.min(deadline, transaction.deadlineNanos());
        }
        return deadline;
    }

    private StunMessage build(TurnRequest request) {
        StunMessage.Builder builder = StunMessage.request(request.method(), TransactionId.random(random));
        request.attributes().accept(builder);
        return (request.isSigned() ? credential.sign(builder) : builder).build();
    }

    private final class Pending {
        private final TurnRequest request;
        private StunTransaction transaction;
        private int attempts;
        private int discarded;
        private int discardedCode;

        Pending(TurnRequest request) {
            this.request = request;
        }

        void send(long nowNanos) {
            attempts++;
            StunMessage message = build(request);
            transaction = isReliable
                    ? new StunTransaction(message, TI_NANOS, 1, 1)
                    : new StunTransaction(message, RTO_NANOS, RC, RM);
            pending.put(message.transactionId(), this);
            step(nowNanos);
        }

        void step(long nowNanos) {
            if (transaction.exhausted()) {
                fail(silence(), transaction.request(), nowNanos);
            } else {
                transaction.transmitted(nowNanos);
                out.accept(transaction.request());
            }
        }

        boolean isAnsweredBy(StunMessage response) {
            return response.is(StunClass.SUCCESS, request.method()) || response.is(StunClass.ERROR, request.method());
        }

        void receive(StunMessage response, long nowNanos) {
            switch (credential.judge(transaction.request(), response)) {
                case ACCEPT -> accept(response, nowNanos);
                case RETRY -> retry(response, nowNanos);
                case REFUSE -> fail(refusal(response), response, nowNanos);
                case DISCARD -> discard(response, nowNanos);
            }
        }

        private void discard(StunMessage response, long nowNanos) {
            discarded++;
            discardedCode = response.find(ErrorCode.class).map(ErrorCode::code).orElse(0);
            if (isReliable || discarded == MAX_DISCARDED) {
                fail(silence(), transaction.request(), nowNanos);
            }
        }

        private void accept(StunMessage response, long nowNanos) {
            if (!response.unknownComprehensionRequired().isEmpty()) {
                String unknown = " needs " + response.unknownComprehensionRequired() + " understood";
                fail(
                        new TurnException("the answer of " + server + " to " + request.method() + unknown),
                        response,
                        nowNanos);
            } else if (response.messageClass() == StunClass.SUCCESS) {
                end();
                request.success().accept(response, nowNanos);
            } else {
                fail(refusal(response), response, nowNanos);
            }
        }

        private void retry(StunMessage response, long nowNanos) {
            end();
            if (attempts < MAX_ATTEMPTS) {
                send(nowNanos);
            } else {
                request.failure().accept(refusal(response), response, nowNanos);
            }
        }

        private void fail(TurnException cause, StunMessage response, long nowNanos) {
            end();
            request.failure().accept(cause, response, nowNanos);
        }

        private void end() {
            pending.remove(transaction.request().transactionId());
        }

        private TurnException silence() {
            return discarded == 0
                    ? new TurnException("no answer from " + server + " to " + request.method())
                    : new TurnException(
                            discardedCode, "the answers of " + server + " to " + request.method() + " lack integrity");
        }

        private TurnException refusal(StunMessage response) {
            ErrorCode error = response.find(ErrorCode.class).orElse(new ErrorCode(500, "an error without a code"));
            // Anybody's words, which may end up on a terminal.
            String reason = error.reason().replaceAll("\\p{C}", " ");
            return new TurnException(
                    error.code(), server + " answered " + request.method() + " with " + error.code() + " " + reason);
        }

        long deadlineNanos() {
            return transaction.deadlineNanos();
        }

        boolean isUnderWay() {
            return pending.get(transaction.request().transactionId()) == this;
        }
    }
}
