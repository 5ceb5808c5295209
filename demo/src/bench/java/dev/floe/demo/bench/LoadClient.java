package dev.floe.demo.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Many WebSockets on one thread, as cheap as they can be, so that it is the server that is measured. */
final class LoadClient implements AutoCloseable {

    private static final int CONNECTING_AT_A_TIME = 100;
    private static final int PATIENCE_SECONDS = 30;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    EventLoop loop() {
        return group.next();
    }

    /** Two in each room; each room's two are neighbours in the list. */
    List<LoadSocket> connectRooms(int port, int clients) throws Exception {
        return connect(port, clients, client -> "/v1/rooms/room" + client / 2);
    }

    List<LoadSocket> connectRelay(int port, int clients) throws Exception {
        return connect(port, clients, client -> "/");
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private List<LoadSocket> connect(int port, int clients, IntFunction<String> path) throws Exception {
        List<LoadSocket> sockets = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            LoadSocket socket = new LoadSocket(loop(), path.apply(client));
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(socket)
                    .connect(InetAddress.getLoopbackAddress(), port);
            sockets.add(socket);
            if (client >= CONNECTING_AT_A_TIME) {
                await(sockets.get(client - CONNECTING_AT_A_TIME));
            }
        }
        for (LoadSocket socket : sockets) {
            await(socket);
        }
        return sockets;
    }

    private static void await(LoadSocket socket) throws Exception {
        Future<Void> opened = socket.opened();
        if (!opened.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a client is not let in");
        }
        opened.get();
    }
}
