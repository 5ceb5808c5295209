package dev.floe.stun;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Binds the sockets of a {@link StunServer} one after the other, all on one event loop. */
final class StunServerBinding {
    private static final Logger log = LoggerFactory.getLogger(StunServerBinding.class);

    private final Bootstrap bootstrap;
    private final List<InetSocketAddress> addresses;
    /** Whether one that cannot be had does not matter. */
    private final boolean isAnyEnough;
    /** How many sockets before the one that has the same port. */
    private final int samePort;

    private final List<Channel> bound = new ArrayList<>();
    private final CompletableFuture<List<Channel>> done = new CompletableFuture<>();
    private int next;
    private IOException failure;

    private StunServerBinding(EventLoop loop, StunServerConfig config) {
        bootstrap = new Bootstrap().group(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel socket) {
                socket.pipeline().addLast(new StunCodec());
            }
        });
        addresses = addresses(config);
        isAnyEnough = isWildcard(config.address());
        samePort = config.alternate().isPresent() ? 2 : 1;
    }

    /**
     * The sockets, each with a {@link StunCodec} in its pipeline; with an alternate address in the order A1:P1, A1:P2,
     * A2:P1, A2:P2. Fails with an {@link IOException}, and then leaves none open.
     */
    static CompletableFuture<List<Channel>> bind(EventLoop loop, StunServerConfig config) {
        StunServerBinding binding = new StunServerBinding(loop, config);
        loop.execute(binding::bindNext);
        return binding.done;
    }

    private void bindNext() {
        if (next == addresses.size()) {
            finish();
            return;
        }
        InetSocketAddress address = withPort(addresses.get(next++));
        ChannelFactory<NioDatagramChannel> factory = () -> open(address.getAddress());
        ChannelFuture binding = bootstrap.clone().channelFactory(factory).bind(address);
        binding.addListener(result -> {
            if (result.isSuccess()) {
                bound.add(binding.channel());
                bindNext();
                return;
            }
            failure = cannotListen(address, result.cause());
            if (isAnyEnough) {
                log.debug("left out: {}", failure.getMessage());
                bindNext();
            } else {
                bound.forEach(Channel::close);
                done.completeExceptionally(failure);
            }
        });
    }

    private void finish() {
        if (bound.isEmpty()) {
            done.completeExceptionally(failure != null ? failure : new IOException("this machine has no address"));
        } else {
            done.complete(List.copyOf(bound));
        }
    }

    /** Where the system is to choose the port, it does so once for all sockets that have the same. */
    private InetSocketAddress withPort(InetSocketAddress address) {
        if (address.getPort() != 0 || bound.size() < samePort) {
            return address;
        }
        Channel sibling = bound.get(bound.size() - samePort);
        return new InetSocketAddress(
                address.getAddress(), BehaviorDiscoverySockets.address(sibling).getPort());
    }

    private static List<InetSocketAddress> addresses(StunServerConfig config) {
        InetSocketAddress main = config.address();
        return config.alternate()
                .map(other -> Stream.of(main.getAddress(), other.getAddress())
                        .flatMap(address -> Stream.of(main.getPort(), other.getPort())
                                .map(port -> new InetSocketAddress(address, port)))
                        .toList())
                .orElseGet(() -> isWildcard(main) ? ofAllInterfaces(main.getPort()) : List.of(main));
    }

    private static boolean isWildcard(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress();
    }

    /** Without the link-local ones, which clients could name only with a zone of their own. */
    private static List<InetSocketAddress> ofAllInterfaces(int port) {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(StunServerBinding::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLinkLocalAddress())
                    .distinct()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        } catch (SocketException e) {
            log.debug("cannot list the network interfaces", e);
            return List.of();
        }
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp();
        } catch (SocketException e) {
            return false;
        }
    }

    /** Of the address's own family: one that is made for both costs more with each datagram. */
    private static NioDatagramChannel open(InetAddress address) {
        ProtocolFamily family =
                address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        try {
            return new NioDatagramChannel(DatagramChannel.open(family));
        } catch (IOException e) {
            throw new ChannelException("cannot open a socket", e);
        }
    }

    private static IOException cannotListen(InetSocketAddress address, Throwable cause) {
        return new IOException(
                "cannot listen on " + NetUtil.toAddressString(address.getAddress()) + " port " + address.getPort()
                        + " for STUN: " + cause.getMessage(),
                cause);
    }
}
