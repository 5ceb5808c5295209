package dev.floe.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.Report;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.QuicRole;
import dev.floe.signaling.RelayRole;
import dev.floe.signaling.SignalingClient;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A peer whose connection has one stream, over which one side sends and the other receives; the receiver says the SHA-256
 * back and the sender closes. It has all options of {@code floe offer} and {@code floe answer} and prints the same events.
 * A sender without {@code --bytes} takes its orders, one a line, from standard input: {@code tell} how much it has sent,
 * as a {@code progress} event, {@code pause}, which tells too, {@code resume} and {@code end}.
 */
@Command(name = "transfer")
final class TransferPeer implements Callable<Integer> {

    @Parameters(paramLabel = "ROOM")
    private String room;

    @Option(names = "--offer", description = "Offer, and be the QUIC server (default: answer, and be the client).")
    private boolean isOffering;

    @Option(names = "--send", description = "Send (default: receive).")
    private boolean isSending;

    @Option(names = "--bytes", description = "Send so many (default: until told to end).")
    private long bytes = Long.MAX_VALUE;

    @Option(names = "--rate", description = "Send so many bytes a second (default: as many as are taken).")
    private long rate = Long.MAX_VALUE;

    @Mixin
    private CommonOptions common;

    @Mixin
    private PeerOptions options;

    public static void main(String[] args) {
        Floe.run(new TransferPeer(), args);
    }

    @Override
    public Integer call() {
        return common.run(this::connect);
    }

    private Event.Result connect(Report report) throws Exception {
        options.observe(report);
        PeerReport peer = report.of(null);
        try (EventLoops loops = new EventLoops(1)) {
            EventLoopGroup group = loops.group();
            QuicRole role = isOffering ? QuicRole.SERVER : QuicRole.CLIENT;
            PeerSession session = new PeerSession(role, peer, group.next());
            SendingHandler sender = new SendingHandler(session, peer, bytes, rate);
            ReceivingHandler receiver = new ReceivingHandler(session, peer);
            var joining = options.join(group, room, isOffering ? RelayRole.OFFERER : RelayRole.ANSWERER);
            var identity = options.loadIdentity();
            try (SignalingClient signaling = joining.get()) {
                var config = options.toConfig(group, identity, peer)
                        .streamHandler(() -> receiver)
                        .build();
                var exchange = session.reported(signaling::trickle);
                session.follow(
                        isOffering ? PeerConnection.offer(config, exchange) : PeerConnection.answer(config, exchange),
                        connection -> {
                            if (isSending) {
                                send(connection, sender);
                            }
                        });
                Event.Result result = session.ended().get();
                return !result.ok() || result.figures().sha256() != null
                        ? result
                        : result.with(new Failure("peer-closed", "the other side has closed before the stream's end"));
            }
        }
    }

    private static void send(QuicChannel connection, SendingHandler sender) {
        connection.createStream(QuicStreamType.BIDIRECTIONAL, sender).addListener(created -> {
            if (created.isSuccess()) {
                QuicStreamChannel stream = (QuicStreamChannel) created.getNow();
                Thread orders = new Thread(() -> obey(stream, sender), "orders");
                orders.setDaemon(true);
                orders.start();
            } else {
                connection.close();
            }
        });
    }

    private static void obey(QuicStreamChannel stream, SendingHandler sender) {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String next = order;
                stream.eventLoop().execute(() -> sender.order(next));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
