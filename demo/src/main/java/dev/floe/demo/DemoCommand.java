package dev.floe.demo;

import dev.floe.demo.lab.NatKind;
import dev.floe.demo.lab.SimulatedHost;
import dev.floe.demo.lab.SimulatedInternet;
import dev.floe.demo.report.Event;
import dev.floe.demo.report.EventWatch;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.Scene;
import dev.floe.demo.report.Timeline;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.capture.CaptureTap;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunServerConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code floe demo}: the whole story on one machine, with the classes that the other commands use. */
@Command(name = "demo", description = "The whole story on one machine: two peers find each other and talk.")
final class DemoCommand implements Callable<Integer> {

    private static final String ROOM = "demo";
    private static final String MESSAGE = "Hello!";

    @Option(
            names = "--roam",
            description = "Move one peer to another UDP port in the middle of a stream; with --lab, from WiFi to LTE.")
    private boolean isRoaming;

    @Option(
            names = "--lab",
            paramLabel = "NAT_A,NAT_B",
            converter = LabNats.Converter.class,
            description =
                    "On Linux, as root: run it in a network of namespaces, the offerer behind NAT_A and the answerer"
                            + " behind NAT_B, each one of none, full-cone, address-restricted, port-restricted, symmetric,"
                            + " udp-blocked.")
    private LabNats lab;

    @Mixin
    private ObservationOptions observation;

    @Mixin
    private CommonOptions common;

    public static void main(String[] args) {
        Floe.run(new DemoCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop ->
                common.run(Report.story(scene()), report -> play(report, stop), () -> observation.linger(stop)));
    }

    private Scene scene() {
        if (lab != null) {
            return LabDemo.scene(lab);
        }
        return new Scene(
                List.of(), false, "The NAT before the offerer gave it another UDP port in the middle of a stream");
    }

    private Event.Result play(Report report, StopSignal stop) throws Exception {
        if (lab != null) {
            observation.show(report);
            return LabDemo.play(lab, isRoaming, observation::forProcess, report, stop);
        }
        observation.observe(report);
        return playHere(report, stop);
    }

    private Event.Result playHere(Report report, StopSignal stop) throws Exception {
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        StunServerConfig stunHere = StunServerConfig.builder(here).build();
        try (EventLoops loops = new EventLoops(2);
                FloeServer server = FloeServer.start(
                        loops.group(), SignalingServerConfig.builder(here).build(), Optional.of(stunHere))) {
            InetSocketAddress signaling = server.signalingAddress();
            InetSocketAddress stun = server.stunAddresses().get(0);
            report.event(
                    new Event.Listening("signaling", NetUtil.toAddressString(here.getAddress()), signaling.getPort()));
            report.event(new Event.Listening("stun", NetUtil.toAddressString(here.getAddress()), stun.getPort()));
            EventLoopGroup group = loops.group();
            URI uri = URI.create("ws://" + NetUtil.toSocketAddressString(signaling));
            try (SignalingClient forOfferer =
                            SignalingClient.joinRoom(group, uri, ROOM).get();
                    SignalingClient forAnswerer =
                            SignalingClient.joinRoom(group, uri, ROOM).get()) {
                return connect(group, stun, forOfferer, forAnswerer, report, stop);
            }
        }
    }

    private Event.Result connect(
            EventLoopGroup group,
            InetSocketAddress stun,
            SignalingClient forOfferer,
            SignalingClient forAnswerer,
            Report report,
            StopSignal stop)
            throws Exception {
        PeerReport offerer = report.of("offerer");
        PeerReport answerer = report.of("answerer");
        EventWatch watch = new EventWatch();
        Optional<CaptureTap> tap = isRoaming ? observation.tap("offerer") : Optional.empty();
        SimulatedHost host = behindNat(stun.getAddress(), tap);
        Talk talk = new Talk(answerer);
        PeerConfig.Builder offering = config(group, stun, offerer, "offerer");
        if (isRoaming) {
            report.observe(watch);
            tap.ifPresent(capture -> offering.capture(() -> capture));
            offering.bindAddress(host.bindAddress()).ice(settings -> settings.socketInitializer(host::attach));
        }
        PeerSession offer = OfferingPeer.start(offering, forOfferer::trickle, offerer, group.next());
        PeerSession answer = AnsweringPeer.start(
                config(group, stun, answerer, "answerer"),
                forAnswerer::trickle,
                answerer,
                group.next(),
                MESSAGE,
                isRoaming ? talk::begin : AnsweringPeer::close);
        stop.then(answer::stop);
        if (isRoaming) {
            CompletableFuture<Void> over = new CompletableFuture<>();
            answer.ended().addListener(ended -> over.complete(null));
            new Roam(host::move, talk::end).play(watch, over);
        }
        Event.Result answered = answer.ended().get();
        Event.Result offered = offer.ended().get();
        return offered.ok() ? answered : offered;
    }

    private static SimulatedHost behindNat(InetAddress address, Optional<CaptureTap> tap) {
        return new SimulatedHost(
                new SimulatedInternet(Duration.ZERO),
                NatKind.FULL_CONE,
                address,
                address,
                socket -> tap.ifPresent(capture -> socket.pipeline().addFirst(capture.wireHandler())));
    }

    private PeerConfig.Builder config(EventLoopGroup group, InetSocketAddress stun, PeerReport report, String name) {
        PeerConfig.Builder config = PeerConfig.builder(group, PeerIdentity.generate())
                .stunServers(List.of(stun))
                .observer(new Timeline(report));
        return observation.recorded(config, name);
    }
}
