package dev.floe.stun.turn;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Finds a server's address by its name, off the event loop. */
final class ServerLookUp {
    private ServerLookUp() {}

    /**
     * The first of the server's addresses that can be reached from {@code local}. Fails with a {@link TurnException} if
     * there is none.
     */
    static Future<InetSocketAddress> resolve(InetSocketAddress server, InetAddress local, EventExecutor executor) {
        if (!server.isUnresolved()) {
            return executor.newSucceededFuture(server);
        }
        Promise<InetSocketAddress> promise = executor.newPromise();
        // A look-up may hang for many seconds; in a pool it would hold up those of every other handler.
        Thread thread = new Thread(() -> lookUp(server, local, promise), "turn-look-up");
        thread.setDaemon(true);
        thread.start();
        return promise;
    }

    private static void lookUp(InetSocketAddress server, InetAddress local, Promise<InetSocketAddress> promise) {
        try {
            promise.trySuccess(Arrays.stream(InetAddress.getAllByName(server.getHostString()))
                    .filter(address -> !isIpv4Only(local) || address instanceof Inet4Address)
                    .findFirst()
                    .map(address -> new InetSocketAddress(address, server.getPort()))
                    .orElseThrow(UnknownHostException::new));
        } catch (UnknownHostException e) {
            promise.tryFailure(new TurnException("no address is known for the TURN server " + server.getHostString()));
        }
    }

    private static boolean isIpv4Only(InetAddress local) {
        return local instanceof Inet4Address && !local.isAnyLocalAddress();
    }
}
