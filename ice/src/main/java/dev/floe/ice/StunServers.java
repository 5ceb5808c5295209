package dev.floe.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Looks up the addresses of STUN servers, off the event loop. */
final class StunServers {

    private StunServers() {}

    /** The servers with their addresses, each once; one that has none in time is left out. */
    static CompletableFuture<List<InetSocketAddress>> resolve(List<InetSocketAddress> servers, Duration timeout) {
        List<CompletableFuture<Stream<InetSocketAddress>>> lookUps = servers.stream()
                .map(server -> CompletableFuture.supplyAsync(() -> resolve(server), StunServers::onThreadOfItsOwn)
                        .completeOnTimeout(Stream.empty(), timeout.toMillis(), TimeUnit.MILLISECONDS))
                .toList();
        return CompletableFuture.allOf(lookUps.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        done -> lookUps.stream()
                                .flatMap(CompletableFuture::join)
                                .distinct()
                                .toList(),
                        StunServers::onThreadOfItsOwn);
    }

    /** Runs what may hang for many seconds; in a pool it would hold up that of every other handler. */
    static void onThreadOfItsOwn(Runnable lookUp) {
        Thread thread = new Thread(lookUp, "ice-look-up");
        thread.setDaemon(true);
        thread.start();
    }

    private static Stream<InetSocketAddress> resolve(InetSocketAddress server) {
        if (!server.isUnresolved()) {
            return Stream.of(server);
        }
        try {
            return Stream.of(InetAddress.getAllByName(server.getHostString()))
                    .map(address -> new InetSocketAddress(address, server.getPort()));
        } catch (UnknownHostException e) {
            return Stream.empty();
        }
    }
}
