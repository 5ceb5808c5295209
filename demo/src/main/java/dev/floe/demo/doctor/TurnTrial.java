package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnClientHandler;
import dev.floe.stun.turn.TurnServer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.util.Locale;

/** An allocation on a TURN server, which ends with the trial. */
final class TurnTrial {

    private final TurnServer server;
    private final Channel port;
    private final Future<TurnAllocation> allocation;
    private volatile long tookNanos;

    private TurnTrial(TurnServer server, Channel port, Future<TurnAllocation> allocation) {
        this.server = server;
        this.port = port;
        this.allocation = allocation;
        long startNanos = System.nanoTime();
        allocation.addListener(done -> tookNanos = System.nanoTime() - startNanos);
    }

    static TurnTrial start(EventLoopGroup group, TurnServer server) {
        TurnClientHandler client = new TurnClientHandler(server);
        Promise<TurnAllocation> allocation = group.next().newPromise();
        ChannelFuture binding = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(client);
                    }
                })
                .bind(0);
        binding.addListener(bound -> {
            if (bound.isSuccess()) {
                client.allocate().addListener(new PromiseNotifier<>(allocation));
            } else {
                allocation.setFailure(bound.cause());
            }
        });
        return new TurnTrial(server, binding.channel(), allocation);
    }

    Future<TurnAllocation> allocation() {
        return allocation;
    }

    /** Gives the allocation back, for which the handler waits a moment; event loops that end would not. */
    Future<?> end() {
        return port.close();
    }

    Event.Turn result() {
        String name = NetUtil.toSocketAddressString(
                server.address().getHostString(), server.address().getPort());
        String transport = server.transport().name().toLowerCase(Locale.ROOT);
        if (!allocation.isSuccess()) {
            return new Event.Turn(name, transport, false, Doctor.reason(allocation), null, null);
        }
        return new Event.Turn(
                name,
                transport,
                true,
                null,
                allocation.getNow().relayed().stream()
                        .map(NetUtil::toSocketAddressString)
                        .toList(),
                Math.round(tookNanos / 1e5) / 10.0);
    }
}
