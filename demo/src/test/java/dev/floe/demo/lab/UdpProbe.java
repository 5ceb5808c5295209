package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Plain UDP sockets on a {@link Host}, held open by a process there: {@link UdpProbeMain}. Not thread-safe. */
final class UdpProbe {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private UdpProbe(Process process) {
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, UTF_8);
        this.answers = process.inputReader(UTF_8);
    }

    /** Starts a probe, which runs until the host's lab closes. */
    static UdpProbe on(Host host) {
        return new UdpProbe(host.start(List.of(
                Host.JAVA,
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                UdpProbeMain.class.getName())));
    }

    /** Opens a socket on any port of the host's first address. */
    Socket open(Host host) {
        return open(host.address() + ":0");
    }

    /**
     * Opens a socket.
     *
     * @param endpoint {@code ADDRESS:PORT}
     */
    Socket open(String endpoint) {
        return new Socket(ask("open " + endpoint));
    }

    private String ask(String command) {
        commands.println(command);
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException(
                        command + ": " + new String(process.getErrorStream().readAllBytes(), UTF_8));
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the probe's sockets. */
    final class Socket {
        private final String endpoint;

        private Socket(String endpoint) {
            this.endpoint = endpoint;
        }

        /** The socket's own address and port, {@code ADDRESS:PORT}. */
        String endpoint() {
            return endpoint;
        }

        int port() {
            return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
        }

        /** Sends a datagram; the text is one word. */
        void send(String to, String text) {
            ask("send " + endpoint + " " + to + " " + text);
        }

        /**
         * Receives datagrams up to the one with a given text.
         *
         * @throws AssertionError if it does not come within five seconds
         */
        List<Datagram> receiveUntil(String text) {
            List<Datagram> received = new ArrayList<>();
            do {
                String answer = ask("receive " + endpoint);
                if (answer.equals("nothing")) {
                    throw new AssertionError(endpoint + " waited for " + text + ", received only " + received);
                }
                int space = answer.indexOf(' ');
                received.add(new Datagram(answer.substring(0, space), answer.substring(space + 1)));
            } while (!received.get(received.size() - 1).text.equals(text));
            return received;
        }
    }

    /** What was received, and the {@code ADDRESS:PORT} it came from. */
    record Datagram(String from, String text) {}
}
