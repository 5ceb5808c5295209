package dev.floe.demo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.SignalingServer;
import dev.floe.signaling.SignalingServerConfig;
import dev.floe.stun.StunServer;
import dev.floe.stun.StunServerConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs each example as a user does, and looks at what it prints. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExamplesTest {

    private static final Path EXAMPLES = Path.of("src/main/java/dev/floe/demo/examples");
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(process -> process.destroyForcibly().onExit().join());
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void exampleIsReadInAMinute(Path example) throws IOException {
        assertThat(Files.readAllLines(example)).hasSizeLessThan(80);
    }

    @Test
    void whatIsMyAddressSaysIt() throws Exception {
        StunServer server =
                StunServer.start(group, StunServerConfig.builder(HERE).build()).get();
        String port = String.valueOf(server.addresses().get(0).getPort());

        assertThat(lines(start(WhatIsMyAddress.class, "127.0.0.1", port)))
                .singleElement()
                .asString()
                .matches("you are 127\\.0\\.0\\.1:\\d+");
    }

    @Test
    void streamsAndDatagramsArrive() throws Exception {
        assertThat(lines(start(StreamsAndDatagrams.class)))
                .containsExactlyInAnyOrder("stream: what is said here arrives", "datagram: what is said here may not");
    }

    @Test
    void manyPeersShareAPortAndTwoThreads() throws Exception {
        assertThat(lines(start(ManyPeers.class, "20"))).containsExactly("20 connections at one port, on 2 threads");
    }

    @Test
    void linesOfTheChatGoBothWays() throws Exception {
        String server = signaling();
        Process a = start(UdpChat.class, server, "chat", "CONTROLLING");
        Process b = start(UdpChat.class, server, "chat", "CONTROLLED");
        BufferedReader heardByA = a.inputReader(StandardCharsets.UTF_8);
        BufferedReader heardByB = b.inputReader(StandardCharsets.UTF_8);
        assertThat(heardByA.readLine()).startsWith("talking to ");
        assertThat(heardByB.readLine()).startsWith("talking to ");

        say(a, "Hello!");
        assertThat(heardByB.readLine()).isEqualTo("they: Hello!");
        say(b, "Grüß dich!");
        assertThat(heardByA.readLine()).isEqualTo("they: Grüß dich!");

        a.outputWriter().close();
        assertThat(a.waitFor()).isZero();
    }

    @Test
    void tcpGoesThroughTheTunnelAndBothItsEndsDo() throws Exception {
        String server = signaling();
        int port = freePort();
        byte[] question = "?".repeat(300_000).getBytes(StandardCharsets.UTF_8);
        byte[] answer = "!".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
        try (ServerSocket target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String targetPort = String.valueOf(target.getLocalPort());
            Process exit = start(TcpTunnel.class, server, "tunnel", "to", "127.0.0.1", targetPort);
            Process entrance = start(TcpTunnel.class, server, "tunnel", "from", String.valueOf(port));
            assertThat(exit.inputReader().readLine()).isEqualTo("the tunnel is open");
            assertThat(entrance.inputReader().readLine()).isEqualTo("the tunnel is open");
            CompletableFuture<byte[]> asked = CompletableFuture.supplyAsync(() -> answerOnce(target, answer));

            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write(question);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(answer);
            }
            assertThat(asked.get()).isEqualTo(question);
        }
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.toList().stream();
        }
    }

    /** Reads to the end before it answers. */
    private static byte[] answerOnce(ServerSocket target, byte[] answer) {
        try (Socket accepted = target.accept()) {
            byte[] question = accepted.getInputStream().readAllBytes();
            accepted.getOutputStream().write(answer);
            return question;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String signaling() throws Exception {
        SignalingServer server = SignalingServer.start(
                        group, SignalingServerConfig.builder(HERE).build())
                .get();
        return "ws://127.0.0.1:" + server.address().getPort();
    }

    private Process start(Class<?> example, String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                example.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** All that it prints until it ends, which it has to do well. */
    private static List<String> lines(Process process) throws InterruptedException {
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    private static void say(Process process, String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(line).append('\n').flush();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
