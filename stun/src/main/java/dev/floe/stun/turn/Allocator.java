package dev.floe.stun.turn;

import dev.floe.stun.StunAttribute.AlternateDomain;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One attempt at an allocation (RFC 8656, section 7), to its success or its end: redirected, without what the server has
 * not, and once more when the server still knew an allocation of before.
 */
final class Allocator {
    /** How the attempt ends, once. */
    interface Outcome {
        void allocated(TurnLease lease, long nowNanos);

        void failed(TurnException cause, long nowNanos);
    }

    /** What a success leaves to be kept up. */
    record TurnLease(InetSocketAddress server, String host, TurnTransactions transactions, StunMessage response) {}

    private static final int TRY_ALTERNATE = 300;
    private static final int MOBILITY_FORBIDDEN = 405;
    private static final int FAMILY_NOT_SUPPORTED = 440;

    /** Coturn frees an address about a second after its allocation has been released. */
    private static final long RELEASE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final TurnConfig config;
    private final RandomGenerator random;
    private final Consumer<TurnOutput> out;
    private final Outcome outcome;
    private final Redirections redirections = new Redirections();

    private InetSocketAddress server;
    private String host;
    private TurnTransactions transactions;
    private TurnFamilies families;
    private boolean isMobile;
    private boolean isFormerReleased;

    /** When to ask again after a release. */
    private long againNanos = TurnSession.NEVER;

    Allocator(TurnConfig config, RandomGenerator random, Consumer<TurnOutput> out, Outcome outcome) {
        this.config = config;
        this.random = random;
        this.out = out;
        this.outcome = outcome;
        families = config.families();
        isMobile = config.isMobile();
    }

    /** Asks for a way to the server. */
    void connect(InetSocketAddress server, String host) {
        this.server = server;
        this.host = host;
        isFormerReleased = false;
        transactions = new TurnTransactions(
                "the TURN server " + server,
                random,
                config.server().credential(),
                config.isReliable(),
                message -> out.accept(new TurnOutput.Transmit(message)));
        out.accept(new TurnOutput.Connect(server, host));
    }

    /** There is a way to the server. */
    void request(long nowNanos) {
        againNanos = TurnSession.NEVER;
        TurnRequest allocate = new TurnRequest(
                StunMethod.ALLOCATE,
                request -> {
                    TurnRequests.allocate(request, families, isMobile);
                    config.lifetime().ifPresent(request::add);
                },
                (response, now) -> outcome.allocated(new TurnLease(server, host, transactions, response), now),
                this::failed);
        transactions.start(allocate, nowNanos);
    }

    TurnTransactions transactions() {
        return transactions;
    }

    void advance(long nowNanos) {
        if (againNanos <= nowNanos) {
            request(nowNanos);
        }
    }

    long deadlineNanos() {
        return againNanos;
    }

    private void failed(TurnException cause, StunMessage response, long nowNanos) {
        if (cause.code() == TRY_ALTERNATE) {
            redirect(cause, response, nowNanos);
        } else if (cause.code() == TurnSession.ALLOCATION_MISMATCH && !isFormerReleased) {
            releaseFormer(nowNanos);
        } else if (cause.code() == FAMILY_NOT_SUPPORTED && families == TurnFamilies.BOTH) {
            families = TurnFamilies.IPV6;
            request(nowNanos);
        } else if (cause.code() == MOBILITY_FORBIDDEN && isMobile) {
            isMobile = false;
            request(nowNanos);
        } else {
            outcome.failed(cause, nowNanos);
        }
    }

    private void redirect(TurnException cause, StunMessage response, long nowNanos) {
        Optional<InetSocketAddress> alternate = redirections.follow(server, response);
        if (alternate.isPresent()) {
            connect(
                    alternate.get(),
                    response.find(AlternateDomain.class)
                            .map(AlternateDomain::value)
                            .orElse(host));
        } else {
            outcome.failed(new TurnException(cause.code(), cause.getMessage() + ", which leads nowhere new"), nowNanos);
        }
    }

    /** An allocation that this address of the client had, and whose release was lost. */
    private void releaseFormer(long nowNanos) {
        isFormerReleased = true;
        TurnRequest release = new TurnRequest(
                StunMethod.REFRESH,
                request -> request.add(new Lifetime(0)),
                (response, now) -> againNanos = now + RELEASE_NANOS,
                (cause, response, now) -> againNanos = now);
        transactions.start(release, nowNanos);
    }
}
