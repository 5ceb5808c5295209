package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import dev.floe.stun.NatBehavior;
import dev.floe.stun.NatBehaviorDiscovery;
import dev.floe.stun.NatBehaviorReport;
import dev.floe.stun.NatFinding;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the NAT of one address family does. */
final class NetworkTrial {

    /** Mapping is one of those that depend on the destination, and direct connections do not mind which. */
    private static final String SYMMETRIC = "symmetric";

    /** The tests that one server has done, each on ports of its own. */
    private record Tests(Future<NatBehaviorReport> behavior, Future<Boolean> hairpinning) {}

    private final List<String> addresses;
    private final Map<InetSocketAddress, InetSocketAddress> mapped;
    private final Optional<Tests> tests;

    private NetworkTrial(
            List<String> addresses, Map<InetSocketAddress, InetSocketAddress> mapped, Optional<Tests> tests) {
        this.addresses = addresses;
        this.mapped = mapped;
        this.tests = tests;
    }

    /** Starts the tests with the server that knows most. */
    static NetworkTrial start(EventLoopGroup group, Class<? extends InetAddress> family, List<StunTrial> trials)
            throws InterruptedException {
        List<StunTrial> answered = trials.stream()
                .filter(trial -> trial.mapped().isPresent() && Doctor.isOf(family, trial.server()))
                .toList();
        Map<InetSocketAddress, InetSocketAddress> mapped = new LinkedHashMap<>();
        answered.forEach(trial -> mapped.put(trial.server(), trial.mapped().orElseThrow()));
        Optional<StunTrial> best = answered.stream()
                .filter(StunTrial::hasOtherAddress)
                .findFirst()
                .or(() -> answered.stream().findFirst());
        return new NetworkTrial(
                addresses(family), mapped, best.isEmpty() ? Optional.empty() : Optional.of(test(group, best.get())));
    }

    private static Tests test(EventLoopGroup group, StunTrial trial) throws InterruptedException {
        NatBehaviorDiscovery behavior = new NatBehaviorDiscovery(Doctor.bind(group, Doctor.client()));
        NatBehaviorDiscovery hairpinning = new NatBehaviorDiscovery(Doctor.bind(group, Doctor.client()));
        return new Tests(
                behavior.discover(trial.server()),
                hairpinning.hairpins(trial.mapped().orElseThrow()));
    }

    Stream<Future<?>> tests() {
        return tests.stream().flatMap(all -> Stream.of(all.behavior, all.hairpinning));
    }

    /** Null if the family has no address here and no server there. */
    Event.Network result() {
        if (tests.isEmpty()) {
            return addresses.isEmpty()
                    ? null
                    : new Event.Network(addresses, false, null, null, null, null, null, null, null);
        }
        Future<NatBehaviorReport> behavior = tests.get().behavior;
        if (!behavior.isSuccess()) {
            String reason = Doctor.reason(behavior);
            return new Event.Network(addresses, true, anyMapped(), null, null, reason, null, reason, null);
        }
        NatBehaviorReport report = behavior.getNow();
        NatFinding mapping = report.mapping() instanceof NatFinding.Unknown unknown
                ? ofAllServers(unknown, report.isTranslated())
                : report.mapping();
        Boolean hairpinning = report.isTranslated() ? tests.get().hairpinning.getNow() : null;
        return new Event.Network(
                addresses,
                true,
                NetUtil.toSocketAddressString(report.mapped()),
                report.isTranslated(),
                word(mapping),
                reason(mapping),
                word(report.filtering()),
                reason(report.filtering()),
                hairpinning);
    }

    private NatFinding ofAllServers(NatFinding.Unknown unknown, boolean isTranslated) {
        if (!isTranslated) {
            return new NatFinding.Known(NatBehavior.ENDPOINT_INDEPENDENT);
        }
        NatFinding finding = NatBehaviorDiscovery.mapping(mapped);
        return finding instanceof NatFinding.Unknown ? unknown : finding;
    }

    private String anyMapped() {
        return NetUtil.toSocketAddressString(mapped.values().iterator().next());
    }

    private static String word(NatFinding finding) {
        if (finding instanceof NatFinding.Known known) {
            return known.behavior().name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        return finding instanceof NatFinding.AtLeast ? SYMMETRIC : null;
    }

    private static String reason(NatFinding finding) {
        return finding instanceof NatFinding.Unknown unknown ? unknown.reason() : null;
    }

    private static List<String> addresses(Class<? extends InetAddress> family) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(family::isInstance)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .map(NetUtil::toAddressString)
                    .toList();
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }
}
