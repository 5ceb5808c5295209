package dev.floe.signaling;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that writes what no decent WebSocket library would. */
final class RawSocket implements AutoCloseable {

    static final int TEXT = 1;
    static final int CONTINUATION = 0;

    private static final int PONG = 10;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int RECEIVE_BUFFER = 8192;

    private final Socket socket = new Socket();
    private String head = "";

    RawSocket(InetSocketAddress address) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setReceiveBufferSize(RECEIVE_BUFFER);
        socket.connect(address, PATIENCE_MILLIS);
    }

    static RawSocket upgraded(InetSocketAddress address, String path) throws IOException {
        return upgraded(address, path, "");
    }

    /** @param headers each with its line end */
    static RawSocket upgraded(InetSocketAddress address, String path, String headers) throws IOException {
        RawSocket socket = new RawSocket(address);
        socket.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + headers + "\r\n");
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
            head += (char) socket.socket.getInputStream().read();
        }
        socket.head = head;
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no upgrade: " + head);
        }
        return socket;
    }

    /** What the server has answered to the handshake. */
    String head() {
        return head;
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** A masked frame, the mask all zeros. */
    void sendFrame(boolean isFinal, int opcode, byte[] payload) throws IOException {
        sendFrameClaiming(payload.length, isFinal, opcode, payload);
    }

    void sendFrameClaiming(long length, boolean isFinal, int opcode, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frame);
        out.write((isFinal ? 0x80 : 0) | opcode);
        if (length < 126) {
            out.write(0x80 | (int) length);
        } else if (length < 65_536) {
            out.write(0x80 | 126);
            out.writeShort((int) length);
        } else {
            out.write(0x80 | 127);
            out.writeLong(length);
        }
        out.writeInt(0);
        out.write(payload);
        send(frame.toByteArray());
    }

    /** Whether the other side still takes what is written; writes an empty pong. */
    boolean isOpen() {
        try {
            sendFrame(true, PONG, new byte[0]);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** All that comes until the server closes, bytes as Latin-1 characters. */
    String readToEnd() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[8192];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            text.append(new String(Arrays.copyOf(buffer, read), StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
