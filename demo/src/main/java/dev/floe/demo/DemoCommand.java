package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.Timeline;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunServerConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code floe demo}: the whole story on one machine, with the classes that the other commands use. */
@Command(name = "demo", description = "The whole story on one machine: two peers find each other and talk.")
final class DemoCommand implements Callable<Integer> {

    private static final String ROOM = "demo";
    private static final String MESSAGE = "Hello!";

    @Mixin
    private ObservationOptions observation;

    @Mixin
    private CommonOptions common;

    public static void main(String[] args) {
        Floe.run(new DemoCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop -> common.run(Report.story(), this::play, () -> observation.linger(stop)));
    }

    private Event.Result play(Report report) throws Exception {
        observation.observe(report);
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
                return connect(group, stun, forOfferer, forAnswerer, report);
            }
        }
    }

    private Event.Result connect(
            EventLoopGroup group,
            InetSocketAddress stun,
            SignalingClient forOfferer,
            SignalingClient forAnswerer,
            Report report)
            throws Exception {
        PeerReport offerer = report.of("offerer");
        PeerReport answerer = report.of("answerer");
        PeerSession offering =
                OfferingPeer.start(config(group, stun, offerer, "offerer"), forOfferer::trickle, offerer, group.next());
        PeerSession answering = AnsweringPeer.start(
                config(group, stun, answerer, "answerer"), forAnswerer::trickle, answerer, group.next(), MESSAGE);
        Event.Result answered = answering.ended().get();
        Event.Result offered = offering.ended().get();
        return offered.ok() ? answered : offered;
    }

    private PeerConfig.Builder config(EventLoopGroup group, InetSocketAddress stun, PeerReport report, String name) {
        PeerConfig.Builder config = PeerConfig.builder(group, PeerIdentity.generate())
                .stunServers(List.of(stun))
                .observer(new Timeline(report));
        return observation.recorded(config, name);
    }
}
