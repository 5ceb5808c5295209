package dev.floe.stun;

import dev.floe.stun.NatFinding.AtLeast;
import dev.floe.stun.NatFinding.Known;
import dev.floe.stun.NatFinding.Unknown;
import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds out with the help of a server how the NATs before this machine behave (RFC 5780, section 4), on a datagram channel
 * with a {@link StunCodec} and a {@link StunClientHandler}. The handler's timing bounds each test: one that finds nothing
 * takes as long as a request without an answer, and there are at most four in a row.
 *
 * <p>The tests of filtering are right only on a port from which nothing has been sent to the server before.
 */
public final class NatBehaviorDiscovery {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Between two tests at a time, so that their retransmissions do not coincide (RFC 5780, section 5). */
    private static final long PACE_MILLIS = 100;

    private final Channel channel;
    private final StunClientHandler client;

    /**
     * A discovery of the NATs before one channel.
     *
     * @param channel with a {@link StunClientHandler} in its pipeline; stays the caller's
     * @throws IllegalArgumentException if the channel has no {@link StunClientHandler}
     */
    public NatBehaviorDiscovery(Channel channel) {
        this.channel = channel;
        this.client = Optional.ofNullable(channel.pipeline().get(StunClientHandler.class))
                .orElseThrow(() -> new IllegalArgumentException("a channel with a StunClientHandler is expected"));
    }

    /**
     * Tries mapping and filtering. Callable from any thread.
     *
     * @param server may be unresolved
     * @return what can be known with this server: one that has no second address knows little. Fails if the server does
     *     not answer, or not with the client's address
     */
    public Future<NatBehaviorReport> discover(InetSocketAddress server) {
        return future(mapped(server).thenCompose(first -> {
            InetSocketAddress mapped = first.mapped;
            Optional<InetSocketAddress> other = first.other.filter(address -> isOther(address, server));
            if (other.isEmpty()) {
                NatFinding unknown = new Unknown("the server has no second address to test with");
                return CompletableFuture.completedFuture(
                        new NatBehaviorReport(mapped, isTranslated(mapped), unknown, unknown));
            }
            // First, since it needs a NAT that has seen nothing go to the other address.
            return filtering(server)
                    .thenCompose(filtering -> mapping(server, mapped, other.get())
                            .thenApply(mapping ->
                                    new NatBehaviorReport(mapped, isTranslated(mapped), mapping, filtering)));
        }));
    }

    /**
     * Whether the NAT lets what comes from inside through to a mapped address of its own (RFC 5780, section 3.4). Callable
     * from any thread.
     *
     * @param mapped of another channel behind the same NAT, which has a {@link StunServerHandler}
     * @return false also if nothing could be sent
     */
    public Future<Boolean> hairpins(InetSocketAddress mapped) {
        return future(test(mapped, List.of()).handle((answer, failure) -> failure == null));
    }

    /**
     * What several servers without a second address can tell together.
     *
     * @param mapped the address as each server has seen it, of one channel and in one family
     * @return what their answers have in common
     */
    public static NatFinding mapping(Map<InetSocketAddress, InetSocketAddress> mapped) {
        boolean dependsOnPort = differs(mapped, true);
        boolean dependsOnAddress = differs(mapped, false);
        if (dependsOnPort) {
            return new Known(NatBehavior.ADDRESS_AND_PORT_DEPENDENT);
        } else if (dependsOnAddress) {
            return isOnePortTried(mapped)
                    ? new Known(NatBehavior.ADDRESS_DEPENDENT)
                    : new AtLeast(NatBehavior.ADDRESS_DEPENDENT);
        }
        return mapped.keySet().stream()
                                .map(InetSocketAddress::getAddress)
                                .distinct()
                                .count()
                        > 1
                ? new Known(NatBehavior.ENDPOINT_INDEPENDENT)
                : new Unknown("it takes servers at two addresses to know");
    }

    /** Whether two servers, at one address or at two, have seen different mapped addresses. */
    private static boolean differs(Map<InetSocketAddress, InetSocketAddress> mapped, boolean isAtOneAddress) {
        return mapped.entrySet().stream()
                .anyMatch(one -> mapped.entrySet().stream()
                        .anyMatch(other -> isAtOneAddress
                                        == one.getKey()
                                                .getAddress()
                                                .equals(other.getKey().getAddress())
                                && !one.getValue().equals(other.getValue())));
    }

    private static boolean isOnePortTried(Map<InetSocketAddress, InetSocketAddress> mapped) {
        return mapped.keySet().stream()
                        .map(InetSocketAddress::getAddress)
                        .distinct()
                        .count()
                < mapped.size();
    }

    /** Section 4.3, tests II and III. */
    private CompletableFuture<NatFinding> mapping(
            InetSocketAddress server, InetSocketAddress mapped, InetSocketAddress other) {
        Map<InetSocketAddress, InetSocketAddress> seen = new HashMap<>(Map.of(server, mapped));
        InetSocketAddress otherAddress = new InetSocketAddress(other.getAddress(), server.getPort());
        return mapped(otherAddress)
                .thenCompose(second -> {
                    seen.put(otherAddress, second.mapped);
                    return second.mapped.equals(mapped)
                            ? CompletableFuture.completedFuture(second)
                            : mapped(other).whenComplete((third, failure) -> {
                                if (failure == null) {
                                    seen.put(other, third.mapped);
                                }
                            });
                })
                .handle((last, failure) -> failure == null
                        ? mapping(seen)
                        : new Unknown("the server's second address does not answer: " + message(failure)));
    }

    /** Section 4.4, tests II and III, nearly at once: neither answer lets the other in. */
    private CompletableFuture<NatFinding> filtering(InetSocketAddress server) {
        CompletableFuture<Boolean> fromOtherAddress = arrives(server, new ChangeRequest(true, true));
        Executor paced = test -> channel.eventLoop().schedule(test, PACE_MILLIS, TimeUnit.MILLISECONDS);
        CompletableFuture<Boolean> fromOtherPort = CompletableFuture.supplyAsync(
                        () -> arrives(server, new ChangeRequest(false, true)), paced)
                .thenCompose(Function.identity());
        return fromOtherAddress
                .<Boolean, NatFinding>thenCombine(fromOtherPort, (address, port) -> new Known(filtering(address, port)))
                .exceptionally(failure -> new Unknown(message(failure)));
    }

    private static NatBehavior filtering(boolean isOtherAddressLetIn, boolean isOtherPortLetIn) {
        if (isOtherAddressLetIn) {
            return NatBehavior.ENDPOINT_INDEPENDENT;
        }
        return isOtherPortLetIn ? NatBehavior.ADDRESS_DEPENDENT : NatBehavior.ADDRESS_AND_PORT_DEPENDENT;
    }

    /** Whether an answer comes through from where it is asked to come from. */
    private CompletableFuture<Boolean> arrives(InetSocketAddress server, ChangeRequest change) {
        Predicate<InetSocketAddress> isAsAsked =
                source -> change.changeIp() != source.getAddress().equals(server.getAddress())
                        && change.changePort() != (source.getPort() == server.getPort());
        return test(server, List.of(change)).handle((answer, failure) -> {
            if (failure != null && cause(failure) instanceof TimeoutException) {
                return false;
            } else if (failure != null) {
                throw new CompletionException(cause(failure));
            } else if (!isAsAsked.test(answer.sender())) {
                throw new IllegalStateException(
                        "asked to answer from elsewhere, the server answered from " + answer.sender());
            }
            return true;
        });
    }

    private record Mapped(InetSocketAddress mapped, Optional<InetSocketAddress> other) {}

    /** Section 4.3, test I, to any of the server's addresses. */
    private CompletableFuture<Mapped> mapped(InetSocketAddress server) {
        return test(server, List.of()).thenApply(answer -> {
            InetSocketAddress mapped = answer.content()
                    .find(XorMappedAddress.class)
                    .map(XorMappedAddress::address)
                    .orElseThrow(() -> new IllegalStateException(server + " does not say which address it sees"));
            return new Mapped(mapped, answer.content().find(OtherAddress.class).map(OtherAddress::address));
        });
    }

    /** One Binding request, and its success response. */
    private CompletableFuture<StunDatagram> test(InetSocketAddress server, List<ChangeRequest> attributes) {
        StunMessage.Builder request = StunMessage.request(StunMethod.BINDING, TransactionId.random(RANDOM));
        attributes.forEach(request::add);
        CompletableFuture<StunDatagram> answer = new CompletableFuture<>();
        client.transact(request.fingerprint().build(), server).addListener((Future<StunDatagram> done) -> {
            if (!done.isSuccess()) {
                answer.completeExceptionally(done.cause());
                return;
            }
            Optional<ErrorCode> error = done.getNow().content().find(ErrorCode.class);
            if (error.isPresent()) {
                answer.completeExceptionally(new IllegalStateException(
                        "the server refuses the test with error " + error.get().code()));
            } else {
                answer.complete(done.getNow());
            }
        });
        return answer;
    }

    private <T> Future<T> future(CompletableFuture<T> stage) {
        Promise<T> promise = channel.eventLoop().newPromise();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                promise.trySuccess(value);
            } else {
                promise.tryFailure(cause(failure));
            }
        });
        return promise;
    }

    private boolean isTranslated(InetSocketAddress mapped) {
        if (!(channel.localAddress() instanceof InetSocketAddress local)) {
            return true;
        }
        boolean isOwn = local.getAddress().isAnyLocalAddress()
                ? isOfThisMachine(mapped.getAddress())
                : local.getAddress().equals(mapped.getAddress());
        return !isOwn || local.getPort() != mapped.getPort();
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    /** Whether nobody is sent to who cannot be the server's second address. */
    private static boolean isOther(InetSocketAddress address, InetSocketAddress server) {
        InetAddress ip = address.getAddress();
        return ip.getClass() == server.getAddress().getClass()
                && !ip.equals(server.getAddress())
                && !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && ip.isLoopbackAddress() == server.getAddress().isLoopbackAddress()
                && address.getPort() != 0
                && address.getPort() != server.getPort();
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static String message(Throwable failure) {
        return cause(failure).getMessage();
    }
}
