package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.Map;

/**
 * The program of a {@link UdpProbe}: one command a line on standard input, one answer a line on standard output. Endpoints
 * are written {@code ADDRESS:PORT}, and a socket is called by its own.
 *
 * <pre>
 *   open ENDPOINT            opens a socket (port 0: any)               the socket
 *   send SOCKET TO TEXT      sends a datagram                           "sent"
 *   receive SOCKET           waits for a datagram, at most 5 seconds    FROM TEXT, or "nothing"
 * </pre>
 */
final class UdpProbeMain {
    private static final int LIMIT_MILLIS = 5_000;
    private static final int MAX_TEXT = 512;

    private final Map<String, DatagramSocket> sockets = new HashMap<>();

    private UdpProbeMain() {}

    public static void main(String[] args) throws IOException {
        UdpProbeMain probe = new UdpProbeMain();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(probe.answer(line.split(" ")));
        }
    }

    private String answer(String[] command) throws IOException {
        return switch (command[0]) {
            case "open" -> open(endpoint(command[1]));
            case "send" -> send(sockets.get(command[1]), endpoint(command[2]), command[3]);
            case "receive" -> receive(sockets.get(command[1]));
            default -> throw new IllegalArgumentException("open, send or receive, not " + command[0]);
        };
    }

    private String open(InetSocketAddress local) throws IOException {
        DatagramSocket socket = new DatagramSocket(local);
        socket.setSoTimeout(LIMIT_MILLIS);
        String name = text((InetSocketAddress) socket.getLocalSocketAddress());
        sockets.put(name, socket);
        return name;
    }

    private static String send(DatagramSocket socket, InetSocketAddress to, String text) throws IOException {
        byte[] payload = text.getBytes(UTF_8);
        socket.send(new DatagramPacket(payload, payload.length, to));
        return "sent";
    }

    private static String receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_TEXT], MAX_TEXT);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return "nothing";
        }
        return text((InetSocketAddress) packet.getSocketAddress()) + " "
                + new String(packet.getData(), 0, packet.getLength(), UTF_8);
    }

    private static InetSocketAddress endpoint(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    private static String text(InetSocketAddress endpoint) {
        return endpoint.getAddress().getHostAddress() + ":" + endpoint.getPort();
    }
}
