package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Report;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code floe server}: signaling and STUN in one process, until it is stopped. */
@Command(name = "server", description = "Serve signaling (WebSocket) and STUN, so that peers find each other.")
final class ServerCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Option(names = "--host", description = "The address to listen on (default: all).", paramLabel = "ADDRESS")
    private InetAddress host = new InetSocketAddress(0).getAddress();

    @Option(
            names = "--port",
            converter = Port.class,
            description = "The signaling server's port, 0 for any (default: $$PORT or 8765).",
            defaultValue = "${env:PORT:-8765}")
    private int port;

    @Option(
            names = "--stun-port",
            converter = Port.class,
            description = "The STUN server's port, 0 for no STUN (default: 3478).")
    private int stunPort = 3478;

    public static void main(String[] args) {
        Floe.run(new ServerCommand(), args);
    }

    @Override
    public Integer call() {
        return common.run(this::serve);
    }

    private Event.Result serve(Report report) throws Exception {
        try (EventLoops loops = new EventLoops(0);
                FloeServer server = FloeServer.start(
                        loops.group(), host, port, stunPort == 0 ? OptionalInt.empty() : OptionalInt.of(stunPort))) {
            report.event(listening("signaling", server.signalingAddress()));
            server.stunAddress().ifPresent(address -> report.event(listening("stun", address)));
            server.closed().sync();
        }
        return Event.Result.success();
    }

    private static Event listening(String what, InetSocketAddress address) {
        return new Event.Listening(what, NetUtil.toAddressString(address.getAddress()), address.getPort());
    }
}
