package dev.floe.demo.lab;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A NAT before one datagram channel, at the head of whose pipeline it stands: what the channel sends leaves from sockets
 * of the outer side, and what comes to those gets in as the kind says (RFC 4787 §4.1 and §5). On the channel's event loop,
 * but for {@link #move}.
 */
final class SimulatedNat extends ChannelDuplexHandler {

    /** Stands for every destination, or every sender, where the kind makes no difference between them. */
    private static final Object ANY = new Object();

    private final NatKind kind;
    private final InetAddress outside;
    private final Supplier<ChannelHandler> link;
    private final Consumer<Channel> outerSocketInitializer;
    private final Map<Object, Mapping> mappings = new HashMap<>();
    private ChannelHandlerContext inside;

    /**
     * @param outside the address of the outer side
     * @param link makes what stands before each socket there
     * @param outerSocketInitializer is given each socket there
     */
    SimulatedNat(
            NatKind kind,
            InetAddress outside,
            Supplier<ChannelHandler> link,
            Consumer<Channel> outerSocketInitializer) {
        this.kind = kind;
        this.outside = outside;
        this.link = link;
        this.outerSocketInitializer = outerSocketInitializer;
    }

    /** Forgets all mappings; those that come have other ports. Any thread. */
    void move() {
        inside.executor().execute(this::forget);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        inside = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        forget();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        DatagramPacket packet = (DatagramPacket) message;
        if (kind == NatKind.UDP_BLOCKED) {
            packet.release();
            promise.trySuccess();
            return;
        }
        ChannelFuture sent = mappings.computeIfAbsent(mappingKey(packet.recipient()), key -> new Mapping())
                .send(packet);
        if (!promise.isVoid()) {
            PromiseNotifier.cascade(sent, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        mappings.values().forEach(mapping -> mapping.socket.flush());
    }

    /** Nobody outside reaches the channel at its own address. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    private void forget() {
        mappings.values().forEach(mapping -> mapping.socket.close());
        mappings.clear();
    }

    private Object mappingKey(InetSocketAddress destination) {
        return kind == NatKind.SYMMETRIC ? destination : ANY;
    }

    private Object filterKey(InetSocketAddress remote) {
        return switch (kind) {
            case NONE, FULL_CONE, UDP_BLOCKED -> ANY;
            case ADDRESS_RESTRICTED -> remote.getAddress();
            case PORT_RESTRICTED, SYMMETRIC -> remote;
        };
    }

    /** A socket of the outer side, which hands in what comes from where something was sent to. */
    private final class Mapping extends ChannelInboundHandlerAdapter {
        private final Set<Object> contacted = new HashSet<>();
        private final Channel socket;

        /** A socket that is bound already, so that it can send at once. */
        Mapping() {
            socket = new NioDatagramChannel(bound());
            socket.pipeline().addLast(link.get(), this);
            socket.config()
                    .setOption(
                            ChannelOption.SO_RCVBUF, inside.channel().config().getOption(ChannelOption.SO_RCVBUF));
            outerSocketInitializer.accept(socket);
            inside.channel().eventLoop().register(socket);
        }

        ChannelFuture send(DatagramPacket packet) {
            contacted.add(filterKey(packet.recipient()));
            return socket.write(packet);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            if (contacted.contains(filterKey(packet.sender()))) {
                InetSocketAddress own = (InetSocketAddress) inside.channel().localAddress();
                inside.fireChannelRead(new DatagramPacket(packet.content(), own, packet.sender()));
            } else {
                packet.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            inside.fireChannelReadComplete();
        }

        private DatagramChannel bound() {
            try {
                return DatagramChannel.open().bind(new InetSocketAddress(outside, 0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
