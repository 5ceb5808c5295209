package dev.floe.stun;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * A STUN server on UDP that is safe to run in public. Each of its addresses has a socket of its own, so that answers come
 * from where requests went to, as NATs and clients expect. With an alternate address it also does NAT behaviour discovery
 * (RFC 5780), but for its optional RESPONSE-PORT and PADDING: a server for everybody sends to nobody who has not asked,
 * and nothing longer than needed. A source that asks too often is not answered. Counters may be read from any thread.
 */
public final class StunServer implements AutoCloseable {
    /** How many sources are remembered, in 16 bytes each. */
    private static final int SOURCES = 1 << 16;

    private final List<Channel> sockets;
    private final List<StunServerHandler> handlers = new ArrayList<>();

    private StunServer(List<Channel> sockets, StunServerConfig config) {
        this.sockets = sockets;
        long originNanos = System.nanoTime();
        SourceRateLimiter limiter = new SourceRateLimiter(
                config.requestsPerSecond(), config.burst(), SOURCES, new SecureRandom().nextLong());
        Predicate<InetAddress> limit = source -> limiter.allows(source, System.nanoTime() - originNanos);
        for (int i = 0; i < sockets.size(); i++) {
            StunServerHandler handler = new StunServerHandler(alternates(i, config), limit);
            handlers.add(handler);
            sockets.get(i).pipeline().addLast(handler);
        }
    }

    /**
     * Starts a server on one of the caller's event loops, which must drive NIO and outlive it.
     *
     * @param group drives NIO; stays the caller's
     * @param config where to listen, and for whom
     * @return fails with an {@link IOException} if it cannot listen; of the addresses that the wildcard stands for,
     *     those where it cannot are left out, unless that leaves none
     */
    public static Future<StunServer> start(EventLoopGroup group, StunServerConfig config) {
        EventLoop loop = group.next();
        Promise<StunServer> started = loop.newPromise();
        BiConsumer<List<Channel>, Throwable> whenBound = (sockets, failure) -> {
            if (failure != null) {
                started.setFailure(failure);
            } else {
                started.setSuccess(new StunServer(sockets, config));
            }
        };
        // On the event loop, where a handler takes effect as soon as it is added.
        StunServerBinding.bind(loop, config).whenCompleteAsync(whenBound, loop);
        return started;
    }

    /**
     * {@return where it listens, with the ports that the system chose if none were asked for; the first is the main
     * one}
     */
    public List<InetSocketAddress> addresses() {
        return sockets.stream().map(BehaviorDiscoverySockets::address).toList();
    }

    /** {@return how many requests got a success response} */
    public long answered() {
        return sum(StunServerHandler::answered);
    }

    /** {@return how many requests got an error response, for what they needed understood} */
    public long refused() {
        return sum(StunServerHandler::refused);
    }

    /**
     * {@return how many requests got no response, for their wrong FINGERPRINT or since too many responses wait to be
     * sent}
     */
    public long dropped() {
        return sum(StunServerHandler::dropped);
    }

    /** {@return how many requests got no response, for their source asks too often} */
    public long limited() {
        return sum(StunServerHandler::limited);
    }

    /** Stops listening; does not wait. */
    @Override
    public void close() {
        sockets.forEach(Channel::close);
    }

    private long sum(ToLongFunction<StunServerHandler> counter) {
        return handlers.stream().mapToLong(counter).sum();
    }

    /** The sockets stand in the order A1:P1, A1:P2, A2:P1, A2:P2: one bit for the port and one for the address. */
    private Optional<BehaviorDiscoverySockets> alternates(int own, StunServerConfig config) {
        return config.alternate()
                .map(alternate -> new BehaviorDiscoverySockets(
                        sockets.get(own), sockets.get(own ^ 2), sockets.get(own ^ 1), sockets.get(own ^ 3)));
    }
}
