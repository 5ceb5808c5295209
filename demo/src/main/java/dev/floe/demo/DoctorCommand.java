package dev.floe.demo;

import dev.floe.demo.doctor.Doctor;
import dev.floe.demo.report.Event;
import dev.floe.demo.report.Report;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code floe doctor}: what this network allows, in words. */
@Command(
        name = "doctor",
        description = "Say what this network allows: addresses, what the NAT does, which STUN and TURN servers answer.",
        footer = {
            "",
            "With --json the one line is a result with ok, the objects ipv4 and ipv6 (addresses, udp, mapped, nat, mapping,",
            "filtering, hairpinning; mapping_unknown and filtering_unknown say why one is missing), the lists stun (server,",
            "address, ok, message, mapped, rtt_ms, behavior) and turn (server, transport, ok, message, relayed, took_ms),",
            "and advice. It is ok if any server answered. A STUN server at two addresses (RFC 5780) tells most: see",
            "floe server --stun-alternate."
        })
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private RendezvousOptions rendezvous;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "How long it may take (default: 30).")
    private Duration timeout = Duration.ofSeconds(30);

    @Mixin
    private CommonOptions common;

    public static void main(String[] args) {
        Floe.run(new DoctorCommand(), args);
    }

    @Override
    public Integer call() {
        return common.run(Report.diagnosis(), report -> diagnose());
    }

    private Event.End diagnose() throws InterruptedException {
        List<InetSocketAddress> stun = rendezvous.stunServers();
        try (EventLoops loops = new EventLoops(1)) {
            return new Doctor(loops.group(), timeout.minus(Report.elapsed())).diagnose(stun, rendezvous.turnServers());
        }
    }
}
