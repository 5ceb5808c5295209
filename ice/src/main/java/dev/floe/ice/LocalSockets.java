package dev.floe.ice;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets beside a channel's own: one for each interface address that a wildcard socket would not send from. What
 * comes to them enters the channel's pipeline at its head, with their own address as the recipient, and a
 * {@link DatagramPacket} with such an address as its sender leaves there. They live on the channel's event loop, have its
 * options, and end with it or with this handler.
 *
 * <p>A datagram that cannot be sent is an IP network's everyday life, and a sign that it may have changed: it fails the
 * promise of its write, if that takes failures, and is never an exception in the pipeline.
 */
final class LocalSockets extends ChannelDuplexHandler {

    /** What its owner is told, on the event loop. */
    interface Listener {

        /** A socket is made, and not bound yet. */
        void opening(Channel socket);

        /** A datagram could not be sent, from whichever socket. */
        void sendFailed();

        /** Nothing that was sent from the address has been answered. */
        void silent(InetAddress address);
    }

    private static final Logger log = LoggerFactory.getLogger(LocalSockets.class);

    /** Those that were said to be silent: once for all sessions of the JVM, however many they are. */
    private static final Set<InetAddress> SILENT = ConcurrentHashMap.newKeySet();

    private static final int MAX_SILENT = 256;

    private static final List<ChannelOption<?>> OPTIONS = List.of(
            ChannelOption.ALLOCATOR,
            ChannelOption.SO_RCVBUF,
            ChannelOption.SO_SNDBUF,
            ChannelOption.IP_TOS,
            ChannelOption.MAX_MESSAGES_PER_WRITE);

    /** What a congestion controller has under way may wait here; more had better be sent anew. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);

    private static final long PATIENCE_SECONDS = 5;
    private static final int MAX_FORMER = 16;

    private final Listener listener;
    private final Map<InetSocketAddress, Socket> sockets = new LinkedHashMap<>();
    /** Addresses of sockets that are closed: what is still sent from them must not leave from elsewhere. */
    private final Set<InetSocketAddress> former = new LinkedHashSet<>();

    private final Set<Channel> written = new LinkedHashSet<>();
    private final GenericFutureListener<Future<Void>> failures = this::written;
    private final GenericFutureListener<Future<Void>> ownFailures = this::ownWritten;
    private volatile Set<InetAddress> addresses = Set.of();
    private ChannelHandlerContext ctx;
    /** A base that has no socket here, kept since most datagrams have the one that the last had. */
    private InetSocketAddress own;

    private boolean isWatched;

    LocalSockets(Listener listener) {
        this.listener = listener;
    }

    /** The addresses that have a socket of their own. Callable from any thread. */
    Set<InetAddress> addresses() {
        return addresses;
    }

    /** The local addresses of those sockets, as the channel's pipeline names them. */
    List<InetSocketAddress> bases() {
        return List.copyOf(sockets.keySet());
    }

    /** The sockets, for tests. */
    List<Channel> channels() {
        return sockets.values().stream().map(socket -> socket.channel).toList();
    }

    /** Closes the sockets of all other addresses and opens those that are missing; one that cannot be is done without. */
    Future<?> keep(Collection<InetAddress> wanted) {
        for (InetSocketAddress base : bases()) {
            if (!wanted.contains(base.getAddress())) {
                close(base);
            }
        }
        List<ChannelFuture> opening = new ArrayList<>();
        wanted.stream().filter(address -> !addresses.contains(address)).forEach(address -> opening.add(open(address)));
        return all(opening);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        bases().forEach(this::close);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        bases().forEach(this::close);
        ctx.fireChannelInactive();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        InetSocketAddress base = message instanceof DatagramPacket packet ? packet.sender() : null;
        if (base == null || base.equals(own)) {
            writeOwn(message, promise);
            return;
        }
        Socket socket = sockets.get(base);
        if (socket != null) {
            socket.write((DatagramPacket) message, promise);
        } else if (former.contains(base)) {
            ((DatagramPacket) message).release();
            promise.tryFailure(new IOException("the socket of " + base + " is closed"));
        } else {
            own = base;
            writeOwn(message, promise);
        }
    }

    private void writeOwn(Object message, ChannelPromise promise) {
        // One at a time is enough to learn that nothing can be sent: a listener to each would cost more than all the
        // rest.
        if (isWatched || promise.isVoid()) {
            ctx.write(message, promise);
        } else {
            isWatched = true;
            ctx.write(message, promise.addListener(ownFailures));
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (!written.isEmpty()) {
            List<Channel> flushed = List.copyOf(written);
            written.clear();
            flushed.forEach(Channel::flush);
        }
        ctx.flush();
    }

    /** The fate of a datagram that was written with a void promise; none but that is an I/O error of such a channel. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            failed(cause);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    private void ownWritten(Future<Void> write) {
        isWatched = false;
        written(write);
    }

    private void written(Future<Void> write) {
        if (!write.isSuccess()
                && write.cause() instanceof IOException
                && ctx.channel().isActive()) {
            failed(write.cause());
        }
    }

    private void failed(Throwable cause) {
        log.debug("a datagram could not be sent: {}", cause.getMessage());
        listener.sendFailed();
    }

    private ChannelFuture open(InetAddress address) {
        Channel main = ctx.channel();
        Bootstrap bootstrap = new Bootstrap()
                .group(main.eventLoop())
                .channel(main.getClass())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        OPTIONS.forEach(option -> copy(option, main, bootstrap));
        Socket socket = new Socket();
        return bootstrap.handler(socket).bind(address, 0).addListener((ChannelFuture bound) -> {
            if (!bound.isSuccess()) {
                log.debug("no socket on {}: {}", address, bound.cause().getMessage());
            } else if (ctx.isRemoved() || !main.isActive()) {
                bound.channel().close();
            } else {
                opened(socket, bound.channel());
            }
        });
    }

    private void opened(Socket socket, Channel channel) {
        InetSocketAddress base = (InetSocketAddress) channel.localAddress();
        if (addresses.contains(base.getAddress())) {
            channel.close();
            return;
        }
        log.debug("opened {} beside {}", base, ctx.channel());
        socket.channel = channel;
        sockets.put(base, socket);
        own = null;
        former.remove(base);
        tellAddresses();
    }

    private void close(InetSocketAddress base) {
        log.debug("closes {} beside {}", base, ctx.channel());
        sockets.remove(base).channel.close();
        former.add(base);
        if (former.size() > MAX_FORMER) {
            former.remove(former.iterator().next());
        }
        tellAddresses();
    }

    private void tellAddresses() {
        Set<InetAddress> open = new LinkedHashSet<>();
        sockets.keySet().forEach(base -> open.add(base.getAddress()));
        addresses = Set.copyOf(open);
    }

    private Future<?> all(List<ChannelFuture> opening) {
        ChannelPromise done = ctx.newPromise();
        int[] missing = {opening.size()};
        if (opening.isEmpty()) {
            done.setSuccess();
        }
        opening.forEach(bound -> bound.addListener(each -> {
            if (--missing[0] == 0) {
                done.setSuccess();
            }
        }));
        return done;
    }

    private static <T> void copy(ChannelOption<T> option, Channel from, Bootstrap to) {
        T value = from.config().getOption(option);
        if (value != null) {
            to.option(option, value);
        }
    }

    /** One of them: hands what it gets to the channel's pipeline. */
    private final class Socket extends ChannelInboundHandlerAdapter {
        private Channel channel;
        private boolean isTried;
        private boolean isAnswered;

        void write(DatagramPacket packet, ChannelPromise promise) {
            if (!channel.isWritable()) {
                promise.tryFailure(new IOException("too much waits to be sent from " + packet.sender()));
                packet.release();
                return;
            }
            if (!isTried) {
                isTried = true;
                ctx.executor().schedule(this::judge, PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            written.add(channel);
            ChannelFuture sent = channel.write(packet).addListener(failures);
            if (!promise.isVoid()) {
                PromiseNotifier.cascade(sent, promise);
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext socket) {
            socket.channel()
                    .config()
                    .setRecvByteBufAllocator(ctx.channel().config().getRecvByteBufAllocator());
            listener.opening(socket.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext socket, Object message) {
            isAnswered = true;
            ctx.pipeline().fireChannelRead(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext socket) {
            ctx.pipeline().fireChannelReadComplete();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext socket, Throwable cause) {
            failed(cause);
        }

        private void judge() {
            if (isAnswered || !channel.isActive()) {
                return;
            }
            InetAddress address = ((InetSocketAddress) channel.localAddress()).getAddress();
            if (SILENT.size() < MAX_SILENT && SILENT.add(address)) {
                log.info(
                        "nothing comes back to {}; on Linux it takes 'ip rule add from {}' and a route for that to leave by"
                                + " its own interface",
                        address.getHostAddress(),
                        address.getHostAddress());
            }
            listener.silent(address);
        }
    }
}
