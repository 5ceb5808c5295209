package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.ProcessPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A connection between the hosts of a lab with one stream, over which one side sends to the other at a rate, and which is
 * to outlive what a test does to the lab. Host a offers and is the QUIC server, host b is the client. Not thread-safe.
 */
final class Transfer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final int RATE = 250_000;
    private static final int SOME = RATE / 5;

    private final ProcessPeer signaling;
    private final ProcessPeer server;
    private final ProcessPeer client;
    private final Direction direction;

    /** Who sends. */
    enum Direction {
        CLIENT_SENDS,
        SERVER_SENDS
    }

    private Transfer(NatLab lab, Path folder, Direction direction, List<String> sending, List<String> options)
            throws InterruptedException {
        this.direction = direction;
        signaling = ProcessPeer.main(lab.server(), Floe.class, List.of("server"));
        signaling.awaitEvent("listening", event -> event.path("what").asString().equals("stun"), LIMIT);
        awaitStunAnswer(lab);
        List<String> shared = new ArrayList<>(options);
        shared.addAll(List.of(
                "--signal", "ws://" + lab.serverAddress() + ":8765", "--timeout", String.valueOf(LIMIT.toSeconds())));
        boolean isServerSending = direction == Direction.SERVER_SENDS;
        server = peer(lab.a(), folder, List.of("--offer"), isServerSending ? sending : List.of(), shared);
        client = peer(lab.b(), folder, List.of(), isServerSending ? List.of() : sending, shared);
    }

    /** A process that has just begun to listen may take longer over its first answer than a peer waits. */
    private static void awaitStunAnswer(NatLab lab) throws InterruptedException {
        String ask = """
                exec 3<>/dev/udp/%s/3478
                printf '\\x00\\x01\\x00\\x00\\x21\\x12\\xa4\\x42transaction.' >&3
                head --bytes 20 <&3
                """.formatted(lab.serverAddress());
        lab.server().start(List.of("bash", "-c", ask)).waitFor();
    }

    /** Connects, and sends until {@link #end}. */
    static Transfer start(NatLab lab, Path folder, Direction direction, String... options) throws InterruptedException {
        List<String> sending = List.of("--send", "--rate", String.valueOf(RATE));
        Transfer transfer = new Transfer(lab, folder, direction, sending, List.of(options));
        transfer.awaitFlow();
        return transfer;
    }

    /** Connects, and sends so many bytes as fast as can be. */
    static Transfer of(NatLab lab, Path folder, Direction direction, long bytes) throws InterruptedException {
        return new Transfer(lab, folder, direction, List.of("--send", "--bytes", String.valueOf(bytes)), List.of());
    }

    private static ProcessPeer peer(
            Host host, Path folder, List<String> role, List<String> sending, List<String> shared) {
        List<String> arguments = new ArrayList<>(List.of(
                "room",
                "--identity",
                folder.resolve(host.address()).toString(),
                "--report",
                report(folder, host).toString()));
        Stream.of(role, sending, shared).forEach(arguments::addAll);
        return ProcessPeer.main(host, TransferPeer.class, arguments);
    }

    /** Where the peer of that host leaves the page of what happened, at its end. */
    static Path report(Path folder, Host host) {
        return folder.resolve(host.address() + ".html");
    }

    List<ProcessPeer> peers() {
        return List.of(server, client);
    }

    ProcessPeer server() {
        return server;
    }

    ProcessPeer client() {
        return client;
    }

    ProcessPeer sender() {
        return direction == Direction.SERVER_SENDS ? server : client;
    }

    ProcessPeer receiver() {
        return direction == Direction.SERVER_SENDS ? client : server;
    }

    /** Kills the signaling server, which is the STUN server too. */
    void killSignaling() {
        signaling.close();
    }

    /** Waits until bytes have come that were sent after the call. */
    void awaitFlow() throws InterruptedException {
        awaitFlow(SOME);
    }

    /** Waits until so many seconds' bytes have come that were sent after the call. */
    void awaitFlow(Duration time) throws InterruptedException {
        awaitFlow(RATE * time.toMillis() / 1000);
    }

    private void awaitFlow(long bytes) throws InterruptedException {
        awaitReceived(sentAfter("tell") + bytes);
    }

    /** Waits until so many bytes have come in all. */
    void awaitReceived(long bytes) throws InterruptedException {
        receiver().awaitEvent("progress", event -> event.path("bytes").asLong() >= bytes, LIMIT);
    }

    /** Has the sender send nothing, and waits until what it has sent has come. */
    void pause() throws InterruptedException {
        awaitReceived(sentAfter("pause"));
    }

    /** Gives the sender an order, and waits for it to say how much it has sent by then. */
    private long sentAfter(String order) throws InterruptedException {
        int told = sender().events("progress").size();
        sender().say(order);
        return sender().awaitEvent(
                        "progress", event -> sender().events("progress").indexOf(event) >= told, LIMIT)
                .path("bytes")
                .asLong();
    }

    void resume() {
        sender().say("resume");
    }

    /** Waits until a side has a candidate of its own with an address. */
    void awaitCandidate(ProcessPeer peer, String address) throws InterruptedException {
        peer.awaitEvent(
                "candidate",
                event -> event.path("side").asString().equals("local")
                        && event.path("address").asString().equals(address),
                LIMIT);
    }

    /** Waits until a side has changed to a path that matches, after a moment of the wall clock. */
    JsonNode awaitPath(ProcessPeer peer, double sinceEpochMillis, Predicate<String> path) throws InterruptedException {
        return peer.awaitEvent(
                "path-changed",
                event -> event.path("epoch_ms").asDouble() >= sinceEpochMillis
                        && path.test(event.path("to").asString()),
                LIMIT);
    }

    /** Ends the stream; what was sent has come, over the one connection of each side. */
    void end() throws InterruptedException {
        sender().say("end");
        assertWhole();
    }

    /** What was sent has come, over the one connection of each side. */
    void assertWhole() throws InterruptedException {
        JsonNode sent = sender().result();
        JsonNode received = receiver().result();
        for (ProcessPeer peer : peers()) {
            assertThat(peer.result().path("ok").asBoolean()).as("%s", peer).isTrue();
            assertThat(peer.exitCode()).isZero();
            assertThat(peer.events("quic-connected")).hasSize(1);
        }
        assertThat(received.path("bytes").asLong()).isEqualTo(sent.path("bytes").asLong());
        assertThat(received.path("sha256").asString())
                .hasSize(64)
                .isEqualTo(sent.path("sha256").asString());
    }

    /** Both sides have closed since consent has expired, and said so. */
    void assertConsentExpired() throws InterruptedException {
        for (ProcessPeer peer : peers()) {
            JsonNode result = peer.result();
            assertThat(result.path("ok").asBoolean(true)).as("%s", peer).isFalse();
            assertThat(result.path("error").asString()).as("%s", peer).isEqualTo("consent-expired");
            assertThat(peer.exitCode()).isEqualTo(1);
            assertThat(peer.events("closed")).hasSize(1);
        }
    }

    /** How often a side has changed its path. */
    static int pathChanges(ProcessPeer peer) {
        return peer.events("path-changed").size();
    }

    /** How long it took from the connection to the last byte. */
    double receivingSeconds() {
        List<JsonNode> progress = receiver().events("progress");
        double last = progress.get(progress.size() - 1).path("t_ms").asDouble();
        return (last - receiver().events("quic-connected").get(0).path("t_ms").asDouble()) / 1000;
    }

    @Override
    public void close() {
        peers().forEach(ProcessPeer::close);
        signaling.close();
    }
}
