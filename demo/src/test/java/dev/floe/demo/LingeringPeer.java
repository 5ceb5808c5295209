package dev.floe.demo;

import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import dev.floe.signaling.SignalingClient;
import java.net.URI;

/** A program that answers in a room and then holds the connection, without a word, until it is killed. */
final class LingeringPeer {
    private LingeringPeer() {}

    /** Takes the signaling server's URI and the room, and says so when it is connected. */
    public static void main(String[] args) throws Exception {
        try (EventLoops loops = new EventLoops(1)) {
            SignalingClient signaling = SignalingClient.joinRoom(loops.group(), URI.create(args[0]), args[1])
                    .get();
            PeerConfig config =
                    PeerConfig.builder(loops.group(), PeerIdentity.generate()).build();
            var connection = PeerConnection.answer(config, signaling::exchange).get();
            System.out.println("{\"event\":\"quic-connected\"}");
            connection.closeFuture().await();
        }
    }
}
