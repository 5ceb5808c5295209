package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalingClient;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code floe answer ROOM}: connects to whoever offers, says one thing and checks its echo. */
@Command(name = "answer", description = "Connect to the peer that offers in the room, and have a message echoed.")
final class AnswerCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ROOM", description = "The room's name; both sides name the same.")
    private String room;

    @Option(names = "--message", paramLabel = "TEXT", description = "What to say (default: Hello!).")
    private String message = "Hello!";

    @Option(
            names = "--talk",
            description =
                    "After the echo, keep a stream in use until standard input ends: move to another network meanwhile.")
    private boolean isTalking;

    @Mixin
    private CommonOptions common;

    @Mixin
    private PeerOptions options;

    public static void main(String[] args) {
        Floe.run(new AnswerCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop -> common.run(report -> answer(report, stop)));
    }

    private Event.Result answer(Report report, StopSignal stop) throws Exception {
        options.observe(report);
        PeerReport peer = report.of(null);
        try (EventLoops loops = new EventLoops(1)) {
            EventLoopGroup group = loops.group();
            var joining = options.join(group, room, RelayRole.ANSWERER);
            stop.then(() -> joining.cancel(false));
            var identity = options.loadIdentity();
            try (SignalingClient signaling = joining.get()) {
                var config = options.toConfig(group, identity, peer);
                PeerSession session =
                        AnsweringPeer.start(config, signaling::trickle, peer, group.next(), message, sequel(peer));
                stop.then(session::stop);
                return session.ended().get();
            }
        }
    }

    private AnsweringPeer.Sequel sequel(PeerReport report) {
        if (!isTalking) {
            return AnsweringPeer::close;
        }
        Talk talk = new Talk(report);
        Thread input = new Thread(() -> awaitEndOfInput(talk), "input");
        input.setDaemon(true);
        input.start();
        return talk::begin;
    }

    private static void awaitEndOfInput(Talk talk) {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // There is no more of it either.
        }
        talk.end();
    }
}
