package dev.floe.quic;

import dev.floe.ice.IceDescription;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with oneself over loopback, once in a JVM. The first connection of a cold JVM spends some hundreds of
 * milliseconds on loading classes and native code, in the middle of the handshakes; spent beside the gathering of
 * candidates, that time is not missed.
 */
final class WarmUp {

    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static boolean isDone;

    private WarmUp() {}

    /**
     * Blocks until the one warm-up of this JVM is over, be it the caller's or another's. Not for an event loop.
     *
     * @return whether something was said and echoed, or had been before
     */
    static synchronized boolean once(PeerIdentity identity) {
        if (!isDone) {
            isDone = true;
            return run(identity);
        }
        return true;
    }

    // Deprecated in Netty 4.2, but its successor is not in 4.1.
    @SuppressWarnings("deprecation")
    private static boolean run(PeerIdentity identity) {
        EventLoopGroup group = new NioEventLoopGroup(1);
        try {
            return connect(group, identity);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static boolean connect(EventLoopGroup group, PeerIdentity identity) throws InterruptedException {
        PeerConfig config = PeerConfig.builder(group, identity)
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .timeout(LIMIT)
                .streamHandler(Echo::new)
                .build();
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        Promise<Void> echoed = group.next().newPromise();
        PeerConnection.cold(QuicRole.SERVER, config, local -> exchange(local, offer, answer));
        PeerConnection.cold(QuicRole.CLIENT, config, local -> exchange(local, answer, offer))
                .addListener((Future<QuicChannel> connected) -> say(connected, echoed));
        boolean isWarm = echoed.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS) && echoed.isSuccess();
        log.debug("warm-up {}", isWarm ? "done" : "did not come to its end");
        return isWarm;
    }

    private static Future<IceDescription> exchange(
            IceDescription local, Promise<IceDescription> ours, Promise<IceDescription> theirs) {
        ours.setSuccess(local);
        return theirs;
    }

    private static void say(Future<QuicChannel> connected, Promise<Void> echoed) {
        if (!connected.isSuccess()) {
            echoed.tryFailure(connected.cause());
            return;
        }
        QuicChannel connection = connected.getNow();
        connection.createStream(QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.fireChannelRead(message);
                connection.close();
                echoed.trySuccess(null);
            }
        });
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
