package dev.floe.signaling;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** Event loops and a server on loopback, with patience for slow machines. */
final class SignalingFixture {

    private static final int PATIENCE_SECONDS = 20;

    final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final SignalingServer server;

    SignalingFixture() throws Exception {
        this(config -> config);
    }

    SignalingFixture(UnaryOperator<SignalingServerConfig.Builder> config) throws Exception {
        // Waiting for those who do not come back is for the tests that say so.
        UnaryOperator<SignalingServerConfig.Builder> impatient =
                builder -> config.apply(builder.graceTime(Duration.ofMillis(300)));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = await(SignalingServer.start(
                group, impatient.apply(SignalingServerConfig.builder(address)).build()));
    }

    URI uri() {
        return uri(server.address().getPort());
    }

    static URI uri(int port) {
        return URI.create("ws://127.0.0.1:" + port);
    }

    SignalingClient joinRoom(String room) throws Exception {
        return await(SignalingClient.joinRoom(group, uri(), room));
    }

    SignalingClient joinRelay(RelayRole role) throws Exception {
        return await(SignalingClient.joinRelay(group, uri(), role));
    }

    WebSocketPeer raw(String path) throws Exception {
        return WebSocketPeer.connect(URI.create(uri() + path));
    }

    static <T> T await(java.util.concurrent.Future<T> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for a failure and returns it. */
    static Throwable failure(Future<?> future) throws Exception {
        try {
            Object value = await(future);
            throw new AssertionError("did not fail but gave " + value);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Waits for what no future tells of. */
    static void until(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not so after " + PATIENCE_SECONDS + " s");
            }
            Thread.sleep(5);
        }
    }

    void stop() throws Exception {
        server.close();
        await(server.closed());
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).sync();
    }
}
