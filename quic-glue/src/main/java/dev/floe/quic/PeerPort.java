package dev.floe.quic;

import dev.floe.ice.DescriptionExchange;
import dev.floe.ice.IceRole;
import dev.floe.ice.SharedRelays;
import dev.floe.ice.TrickleExchange;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * One UDP port at which any number of peers are met: each {@link #offer} is a connection of its own as
 * {@link PeerConnection#offer} makes it, with an ICE agent, a certificate check and a path of its own, and all of them
 * share a datagram channel, its QUIC codec, its event loop and its TURN allocations. What happens to one peer, its end
 * included, is no matter of the others.
 *
 * <p>A port has one socket, so that ICE works as with {@link dev.floe.ice.AddressPolicy#DEFAULT_ROUTE} where
 * {@link dev.floe.ice.AddressPolicy#ALL} is set or nothing is: it follows the default route, and has no second interface in
 * reserve.
 *
 * <p>A TURN allocation is one for all peers, and so are its bounds: it has permissions for 256 addresses, and holds datagrams
 * for 64 that wait for theirs. More relayed peers at once than that want another port.
 *
 * <p>All methods may be called from any thread.
 */
public final class PeerPort {

    private final PeerConfig config;
    private final Channel channel;
    private final PeerDemultiplexer demultiplexer;
    private final SharedRelays relays;
    private final SecureRandom random = new SecureRandom();

    private PeerPort(PeerConfig config, Channel channel, PeerDemultiplexer demultiplexer, SharedRelays relays) {
        this.config = config;
        this.channel = channel;
        this.demultiplexer = demultiplexer;
        this.relays = relays;
    }

    /**
     * Opens a port.
     *
     * @param config where to bind, whom to ask, and what holds for each peer for which {@link #offer(TrickleExchange)}
     *     names nothing else; its timeout is each connection's own
     * @return the port, when it can be offered; fails with an {@link IOException} if the address cannot be bound
     */
    public static Future<PeerPort> bind(PeerConfig config) {
        EventLoop eventLoop = config.group.next();
        PeerConnectionIds ids = new PeerConnectionIds();
        PeerDemultiplexer demultiplexer = new PeerDemultiplexer(ids, System::nanoTime);
        SharedRelays relays = new SharedRelays(PeerConnection.iceConfig(IceRole.CONTROLLING, config));
        Promise<PeerPort> opened = eventLoop.newPromise();
        ChannelFuture bound = new Bootstrap()
                .group(eventLoop)
                .channel(config.channelType)
                .option(ChannelOption.SO_RCVBUF, QuicTuning.RECEIVE_BUFFER)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel socket) {
                        socket.pipeline().addLast(relays, demultiplexer);
                    }
                })
                .bind(config.bindAddress);
        CompletableFuture<ChannelHandler> codec =
                CompletableFuture.supplyAsync(() -> SharedCodec.build(config, ids), PeerConnection::onThreadOfItsOwn);
        bound.addListener(done -> {
            if (!done.isSuccess()) {
                opened.tryFailure(cannotBind(config, done.cause()));
            } else {
                PeerPort port = new PeerPort(config, bound.channel(), demultiplexer, relays);
                codec.whenComplete((built, failure) -> eventLoop.execute(() -> port.complete(built, failure, opened)));
            }
        });
        return opened;
    }

    /**
     * Offers a connection to one more peer.
     *
     * @param exchange carries the descriptions and the candidates
     * @return the connection, its handshake complete; fails as {@link PeerConnection} says, and with a
     *     {@link ClosedChannelException} if the port is closed
     */
    public Future<QuicChannel> offer(TrickleExchange exchange) {
        return offer(config, exchange);
    }

    /**
     * Offers a connection to one more peer, which is told nothing before all of this side's candidates are known.
     *
     * @param exchange carries the descriptions
     * @return the connection, its handshake complete; fails as of {@link #offer(TrickleExchange)}
     */
    public Future<QuicChannel> offer(DescriptionExchange exchange) {
        return offer(config, TrickleExchange.half(exchange));
    }

    /**
     * Offers a connection to one more peer, of which other things hold than of the port's others.
     *
     * @param peer whom to trust, what handles its streams, who observes it, and the like; where to bind, the event loop,
     *     the TURN servers, and whether there are unreliable datagrams at all, are as the port's configuration says
     * @param exchange carries the descriptions and the candidates
     * @return the connection, its handshake complete; fails as of {@link #offer(TrickleExchange)}
     */
    public Future<QuicChannel> offer(PeerConfig peer, TrickleExchange exchange) {
        try {
            PortTransport transport = new PortTransport(peer, demultiplexer, relays, newLabel());
            return new PeerConnection(QuicRole.SERVER, peer, exchange, transport).connected();
        } catch (RejectedExecutionException e) {
            return channel.eventLoop().newFailedFuture(e);
        }
    }

    /** {@return where the port is bound; the address is the wildcard's if the configuration names no other} */
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** {@return how many datagrams have come that were for none of the peers, and were dropped; keepalives do not count} */
    public long dropped() {
        return demultiplexer.dropped();
    }

    /**
     * Ends all connections, those that are under way too, and closes the port.
     *
     * @return completes when it is closed
     */
    public Future<Void> close() {
        channel.eventLoop().execute(() -> {
            demultiplexer.peers().forEach(PeerPort::end);
            // After the farewells, each of which closes its peer's channel a turn after it was sent.
            channel.eventLoop().execute(() -> channel.eventLoop().execute(channel::close));
        });
        return channel.closeFuture();
    }

    /** {@return a future that completes when the port is closed, by whomever} */
    public Future<Void> closeFuture() {
        return channel.closeFuture();
    }

    /** A connection closes its channel when it is closed. */
    private static void end(PeerChannel peer) {
        SharedCodecHandler link = peer.pipeline().get(SharedCodecHandler.class);
        if (link == null || !link.closeAll()) {
            peer.close();
        }
    }

    private void complete(ChannelHandler codec, Throwable failure, Promise<PeerPort> opened) {
        if (failure != null) {
            channel.close();
            opened.tryFailure(failure.getCause());
        } else if (!channel.isActive()) {
            opened.tryFailure(new ClosedChannelException());
        } else {
            channel.pipeline().addLast(codec);
            if (!opened.trySuccess(this)) {
                channel.close();
            }
        }
    }

    /** None is 0, which stands for no label. */
    private long newLabel() {
        long label;
        do {
            label = random.nextLong();
        } while (label == 0);
        return label;
    }

    private static IOException cannotBind(PeerConfig config, Throwable cause) {
        String address = NetUtil.toSocketAddressString(config.bindAddress);
        return new IOException("cannot bind " + address + ": " + cause.getMessage(), cause);
    }
}
