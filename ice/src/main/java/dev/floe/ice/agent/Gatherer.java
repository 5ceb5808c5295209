package dev.floe.ice.agent;

import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import dev.floe.stun.transaction.StunTransaction;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Asks STUN servers once from every base for server-reflexive addresses, and keeps those alive until a pair is in use
 * (RFC 8445 §5.1.1.2, §5.1.1.4); relays are asked by others, and waited for here. A server that does not answer holds
 * nothing up for longer than the time-out, a relay for no longer than five seconds if that is more.
 */
final class Gatherer {

    // RFC 8489 §6.2.1 wants 500 ms, which leaves two tries within the time-out: at a loss of one in ten, each way, one
    // session in thirty would go without its reflexive address. 100 ms makes it four tries.
    private static final long RTO_NANOS = Duration.ofMillis(100).toNanos();
    private static final int RC = 7;
    private static final int RM = 16;
    private static final long KEEPALIVE_NANOS = Duration.ofSeconds(15).toNanos();
    // Long enough for the second try of a query that was lost while another server's was answered.
    private static final long STRAGGLER_NANOS = Duration.ofMillis(150).toNanos();

    // An allocation takes several round trips, more over TCP and TLS, and where UDP is blocked it is the only way.
    private static final long RELAY_NANOS = Duration.ofSeconds(5).toNanos();

    // A query sent seven times from 100 ms on has had its last chance by then: 100 · (2⁶ − 1 + 16) ms.
    private static final long LIFE_NANOS = Duration.ofMillis(7_900).toNanos();

    /** A server-reflexive address, and the host candidate through which it was learned. */
    record Mapping(LocalCandidate host, InetSocketAddress server, InetSocketAddress address) {}

    private final List<Query> queries = new ArrayList<>();
    private final RandomGenerator random;
    private final long relayDeadlineNanos;
    private final long beginNanos;
    private final boolean isPersistent;
    private long deadlineNanos;
    private int awaitedRelays;
    private boolean isAskedOut;

    /** @param isPersistent whether a server is asked on though nothing waits for it any more */
    Gatherer(
            List<LocalCandidate> hosts,
            List<InetSocketAddress> servers,
            int relays,
            RandomGenerator random,
            boolean isPersistent,
            long timeoutNanos,
            long nowNanos) {
        this.random = random;
        this.isPersistent = isPersistent;
        beginNanos = nowNanos;
        awaitedRelays = relays;
        deadlineNanos = nowNanos + timeoutNanos;
        relayDeadlineNanos = nowNanos + Math.max(timeoutNanos, RELAY_NANOS);
        for (InetSocketAddress base : bases(hosts)) {
            for (InetSocketAddress server : servers) {
                hosts.stream()
                        .filter(host -> host.base().equals(base) && host.isOfFamilyOf(server))
                        .findFirst()
                        .ifPresent(host -> queries.add(new Query(host, server, random)));
            }
        }
    }

    boolean isDone(long nowNanos) {
        boolean isStunDone = nowNanos >= deadlineNanos || queries.stream().allMatch(query -> query.isAnswered);
        return isStunDone && (awaitedRelays == 0 || nowNanos >= relayDeadlineNanos);
    }

    /** A relay has given an address, or will not. */
    void relayHeard() {
        awaitedRelays = Math.max(0, awaitedRelays - 1);
    }

    boolean isPersistent() {
        return isPersistent;
    }

    int awaitedRelays() {
        return awaitedRelays;
    }

    long beginNanos() {
        return beginNanos;
    }

    /** Whether no answer is to be expected any more, be it waited for or not. */
    boolean isOver(long nowNanos) {
        return nowNanos >= overNanos() || queries.stream().allMatch(query -> query.isAnswered);
    }

    /** When it is over at the latest. */
    long overNanos() {
        return beginNanos + LIFE_NANOS;
    }

    /** The servers that have not answered, and from where they were asked if others were answered there. */
    Map<InetSocketAddress, String> silent() {
        Map<InetSocketAddress, String> silent = new LinkedHashMap<>();
        for (Query query : queries) {
            boolean isHeardElsewhere =
                    queries.stream().anyMatch(other -> other.server.equals(query.server) && other.isAnswered);
            if (!query.isAnswered) {
                silent.put(
                        query.server,
                        isHeardElsewhere
                                ? "no answer at "
                                        + NetUtil.toAddressString(
                                                query.host.base().getAddress())
                                : "no answer");
            }
        }
        return silent;
    }

    /** The next request that is due, or null; it counts as sent. */
    AgentOutput.Transmit nextDue(long nowNanos) {
        // What was due before, and is late, would be due for ever: the caller would come back at once, and again.
        isAskedOut |= !isPersistent && nowNanos >= deadlineNanos;
        for (Query query : queries) {
            if (!isAskedOut && !query.isAnswered && !query.transaction.exhausted() && nowNanos >= query.dueNanos()) {
                query.transaction.transmitted(nowNanos);
                return new AgentOutput.Transmit(query.transaction.request(), query.host.base(), query.server);
            }
        }
        return null;
    }

    /** When the servers that have not answered are given up. */
    long timeoutNanos() {
        return awaitedRelays > 0 ? relayDeadlineNanos : deadlineNanos;
    }

    long nextDueNanos() {
        long next = IceAgent.NEVER;
        for (Query query : queries) {
            boolean isInTime = isPersistent || query.dueNanos() < deadlineNanos;
            if (!isAskedOut && !query.isAnswered && !query.transaction.exhausted() && isInTime) {
                next = Math.min(next, query.dueNanos());
            }
        }
        return next;
    }

    /** Whether the response is to a query of this gatherer, be it of use or not. */
    boolean awaits(StunMessage response, InetSocketAddress sender) {
        return queryOf(response, sender) != null;
    }

    /** Takes a response that {@link #awaits} recognises. */
    Optional<Mapping> receive(StunMessage response, InetSocketAddress sender, long nowNanos) {
        Query query = queryOf(response, sender);
        if (query.isAnswered) {
            return Optional.empty();
        }
        query.isAnswered = true;
        if (response.messageClass() != StunClass.SUCCESS) {
            return Optional.empty();
        }
        long roundTrip = nowNanos - query.transaction.firstTransmittedNanos();
        deadlineNanos = Math.min(deadlineNanos, nowNanos + Math.max(STRAGGLER_NANOS, 2 * roundTrip));
        query.keepaliveNanos = nowNanos + KEEPALIVE_NANOS;
        return response.find(StunAttribute.XorMappedAddress.class)
                .map(mapped -> new Mapping(query.host, query.server, mapped.address()));
    }

    /** A Binding indication that keeps a NAT's mapping alive, if one is due, or null. */
    AgentOutput.Transmit nextKeepalive(long nowNanos) {
        for (Query query : queries) {
            if (nowNanos >= query.keepaliveNanos) {
                query.keepaliveNanos = nowNanos + KEEPALIVE_NANOS;
                StunMessage indication = StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                        .fingerprint()
                        .build();
                return new AgentOutput.Transmit(indication, query.host.base(), query.server);
            }
        }
        return null;
    }

    long keepaliveNanos() {
        return queries.stream().mapToLong(query -> query.keepaliveNanos).min().orElse(IceAgent.NEVER);
    }

    private static Set<InetSocketAddress> bases(List<LocalCandidate> hosts) {
        return hosts.stream().map(LocalCandidate::base).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Query queryOf(StunMessage response, InetSocketAddress sender) {
        for (Query query : queries) {
            if (query.server.equals(sender)
                    && query.transaction.request().transactionId().equals(response.transactionId())) {
                return query;
            }
        }
        return null;
    }

    private static final class Query {
        final LocalCandidate host;
        final InetSocketAddress server;
        final StunTransaction transaction;
        boolean isAnswered;
        long keepaliveNanos = IceAgent.NEVER;

        Query(LocalCandidate host, InetSocketAddress server, RandomGenerator random) {
            this.host = host;
            this.server = server;
            this.transaction = new StunTransaction(
                    StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                            .fingerprint()
                            .build(),
                    RTO_NANOS,
                    RC,
                    RM);
        }

        long dueNanos() {
            return transaction.transmissions() == 0 ? 0 : transaction.deadlineNanos();
        }
    }
}
