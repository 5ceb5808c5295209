package dev.floe.ice;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The ports that a firewall leaves open for a datagram channel.
 *
 * @param first 1 to 65535
 * @param last at least {@code first}, at most 65535
 */
public record PortRange(int first, int last) {

    private static final int MAX_PORT = 0xffff;

    /**
     * A range.
     *
     * @param first 1 to 65535
     * @param last at least {@code first}, at most 65535
     * @throws IllegalArgumentException for a range that is none
     */
    public PortRange {
        if (first < 1 || last > MAX_PORT || last < first) {
            throw new IllegalArgumentException("ports " + first + " to " + last + ", expected a range in 1 to 65535");
        }
    }

    /**
     * Binds a new channel to a free port of the range, looked for from a random one on.
     *
     * @param bootstrap with the group, the channel type and the handler
     * @param address of this machine, or the wildcard
     * @return fails with a {@link BindException} if every port is taken; the channel is closed then
     */
    public ChannelFuture bind(Bootstrap bootstrap, InetAddress address) {
        ChannelFuture registered = bootstrap.register();
        Channel channel = registered.channel();
        ChannelPromise bound = channel.newPromise();
        int start = ThreadLocalRandom.current().nextInt(size());
        registered.addListener(done -> {
            if (done.isSuccess()) {
                bind(channel, address, start, 0, bound);
            } else {
                bound.setFailure(done.cause());
            }
        });
        return bound;
    }

    // A channel whose bind has failed is as it was before, so that one channel serves for all attempts.
    private void bind(Channel channel, InetAddress address, int start, int attempt, ChannelPromise bound) {
        int port = first + (start + attempt) % size();
        channel.bind(new InetSocketAddress(address, port)).addListener(done -> {
            if (done.isSuccess()) {
                bound.setSuccess();
            } else if (attempt + 1 < size() && channel.isOpen()) {
                bind(channel, address, start, attempt + 1, bound);
            } else {
                channel.close();
                bound.setFailure(failure(address, done.cause()));
            }
        });
    }

    private BindException failure(InetAddress address, Throwable cause) {
        BindException failure = new BindException("no port from " + first + " to " + last + " of "
                + address.getHostAddress() + " can be bound: " + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    private int size() {
        return last - first + 1;
    }
}
