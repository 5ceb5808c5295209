package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Report;
import dev.floe.stun.StunServerConfig;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code floe server}: signaling and STUN in one process, until it is stopped. */
@Command(name = "server", description = "Serve signaling (WebSocket) and STUN, so that peers find each other.")
final class ServerCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private SignalingOptions signaling;

    @Option(
            names = "--stun-port",
            converter = Port.class,
            description = "The STUN server's port, 0 for no STUN (default: 3478).")
    private int stunPort = 3478;

    @Option(
            names = "--stun-alternate",
            paramLabel = "ADDRESS[:PORT]",
            converter = BindAddress.class,
            description =
                    "A second address of this machine, with which peers can find out what their NATs do (RFC 5780);"
                            + " needs --host (default port: the one after --stun-port).")
    private InetSocketAddress alternate;

    public static void main(String[] args) {
        Floe.run(new ServerCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop -> common.run(report -> serve(report, stop)));
    }

    private Event.Result serve(Report report, StopSignal stop) throws Exception {
        try (EventLoops loops = new EventLoops(0);
                FloeServer server = FloeServer.start(loops.group(), signaling.toConfig(), stun())) {
            report.event(listening("signaling", server.signalingAddress()));
            server.stunAddresses().forEach(address -> report.event(listening("stun", address)));
            stop.await();
        }
        return Event.Result.success();
    }

    private Optional<StunServerConfig> stun() {
        if (stunPort == 0) {
            return Optional.empty();
        }
        var config = StunServerConfig.builder(new InetSocketAddress(signaling.host(), stunPort));
        if (alternate != null) {
            int port = alternate.getPort() == 0 ? stunPort + 1 : alternate.getPort();
            config.alternate(new InetSocketAddress(alternate.getAddress(), port));
        }
        return Optional.of(config.build());
    }

    private static Event listening(String what, InetSocketAddress address) {
        return new Event.Listening(what, NetUtil.toAddressString(address.getAddress()), address.getPort());
    }
}
