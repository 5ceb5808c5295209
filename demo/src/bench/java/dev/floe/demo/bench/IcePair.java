package dev.floe.demo.bench;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** Two channels on loopback, and on each an ICE agent once it is added. */
final class IcePair implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 30;

    private final Channel controllingChannel;
    private final Channel controlledChannel;

    private IceHandler controlling;
    private IceHandler controlled;
    private Future<IceDescription> offer;
    private Future<IceDescription> answer;

    /** Binds the channels. */
    IcePair(EventLoopGroup group) throws InterruptedException {
        controllingChannel = bind(group);
        controlledChannel = bind(group);
    }

    /** Puts an agent on each channel. */
    void addAgents(List<InetSocketAddress> stunServers) throws InterruptedException {
        controlling = add(controllingChannel, IceConfig.of(IceRole.CONTROLLING, stunServers));
        controlled = add(controlledChannel, IceConfig.of(IceRole.CONTROLLED, stunServers));
    }

    /** Begins to gather on both sides. */
    void gather() {
        offer = controlling.gather();
        answer = controlled.gather();
    }

    void awaitGathered() throws Exception {
        get(offer);
        get(answer);
    }

    /** Tells each side of the other, as altered on the way, once both have gathered. */
    void exchange(UnaryOperator<IceDescription> toControlling, UnaryOperator<IceDescription> toControlled)
            throws Exception {
        IceDescription offered = get(offer);
        IceDescription answered = get(answer);
        controlling.setRemoteDescription(toControlling.apply(answered));
        controlled.setRemoteDescription(toControlled.apply(offered));
    }

    void awaitConnected() throws Exception {
        get(controlling.connected());
        get(controlled.connected());
    }

    @Override
    public void close() {
        controllingChannel.close().awaitUninterruptibly();
        controlledChannel.close().awaitUninterruptibly();
    }

    private static Channel bind(EventLoopGroup group) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    private static IceHandler add(Channel channel, IceConfig config) throws InterruptedException {
        IceHandler ice = new IceHandler(config);
        channel.eventLoop().submit(() -> channel.pipeline().addLast(ice)).sync();
        return ice;
    }

    private static <T> T get(Future<T> future) throws Exception {
        if (!future.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException("no agent takes more than " + TIMEOUT_SECONDS + " s");
        }
        return future.get();
    }
}
