package dev.floe.ice.mdns;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket in the multicast group of one address family, on every link. On the event loop. */
final class MdnsSocket extends SimpleChannelInboundHandler<DatagramPacket> {

    private static final Logger log = LoggerFactory.getLogger(MdnsSocket.class);

    // RFC 6762 §11.
    private static final int HOP_LIMIT = 255;

    private final MdnsGroup group;
    private final Receiver receiver;
    private final List<NetworkInterface> joined = new ArrayList<>();
    private NioDatagramChannel channel;

    /** Takes what comes in. */
    @FunctionalInterface
    interface Receiver {
        void receive(MdnsSocket socket, MdnsMessage message, InetSocketAddress sender);
    }

    private MdnsSocket(MdnsGroup group, Receiver receiver) {
        this.group = group;
        this.receiver = receiver;
    }

    /** Opens a socket, unless no link takes it. */
    static Optional<MdnsSocket> open(MdnsGroup group, MdnsLinks links, EventLoop loop, Receiver receiver) {
        List<NetworkInterface> interfaces = links.of(group);
        if (interfaces.isEmpty()) {
            return Optional.empty();
        }
        MdnsSocket socket = new MdnsSocket(group, receiver);
        ChannelFuture bound = socket.bind(loop);
        socket.join(interfaces);
        if (socket.joined.isEmpty()) {
            log.debug("no multicast DNS for {}", group, bound.cause());
            // An event loop of another transport has not taken it, and Netty has closed it.
            if (bound.channel().isRegistered()) {
                bound.channel().close();
            }
            return Optional.empty();
        }
        return Optional.of(socket);
    }

    /** Sends to the group, on every link. */
    void send(MdnsMessage message) {
        for (NetworkInterface link : joined) {
            try {
                channel.config().setNetworkInterface(link);
                channel.writeAndFlush(new DatagramPacket(message.encode(), group.address()));
            } catch (ChannelException e) {
                log.debug("no multicast DNS over {}, which has gone", link.getName(), e);
            }
        }
    }

    void send(MdnsMessage message, InetSocketAddress destination) {
        channel.writeAndFlush(new DatagramPacket(message.encode(), destination));
    }

    void close() {
        channel.close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
        // A socket that takes both families gets what is for the other one's group, too.
        if (group.isOfFamilyOf(packet.sender().getAddress())) {
            MdnsMessage.decode(packet.content())
                    .ifPresentOrElse(
                            message -> receiver.receive(this, message, packet.sender()),
                            () -> log.debug("dropped malformed multicast DNS from {}", packet.sender()));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("multicast DNS", cause);
    }

    // On the event loop each of these steps is done when it returns.
    private ChannelFuture bind(EventLoop loop) {
        ChannelFuture registered = new Bootstrap()
                .group(loop)
                .channelFactory(this::newChannel)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.IP_MULTICAST_TTL, HOP_LIMIT)
                .handler(this)
                .register();
        return registered.isSuccess() ? channel.bind(group.wildcard()) : registered;
    }

    private void join(List<NetworkInterface> interfaces) {
        if (channel != null && channel.isActive()) {
            interfaces.stream()
                    .filter(link -> channel.joinGroup(group.address(), link).isSuccess())
                    .forEach(joined::add);
        }
    }

    private NioDatagramChannel newChannel() {
        try {
            channel = new NioDatagramChannel(DatagramChannel.open(group.family()));
            return channel;
        } catch (IOException e) {
            throw new IllegalStateException("no socket of " + group, e);
        }
    }
}
