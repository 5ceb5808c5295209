package dev.floe.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The JDK's own WebSocket, as a peer that says and hears plain text. */
final class WebSocketPeer implements WebSocket.Listener {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    static WebSocketPeer connect(URI uri) throws Exception {
        WebSocketPeer peer = new WebSocketPeer();
        peer.socket = SignalingFixture.await(HTTP.newWebSocketBuilder().buildAsync(uri, peer));
        return peer;
    }

    void say(String text) throws Exception {
        SignalingFixture.await(socket.sendText(text, true));
    }

    void sayInTwo(String first, String second) throws Exception {
        SignalingFixture.await(socket.sendText(first, false));
        SignalingFixture.await(socket.sendText(second, true));
    }

    void sayBinary(byte[] bytes) throws Exception {
        SignalingFixture.await(socket.sendBinary(ByteBuffer.wrap(bytes), true));
    }

    void pong(long number) throws Exception {
        SignalingFixture.await(socket.sendPong(ByteBuffer.allocate(Long.BYTES).putLong(0, number)));
    }

    void leave() throws Exception {
        SignalingFixture.await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    }

    /** Goes without a word. */
    void vanish() {
        socket.abort();
    }

    /** What comes next, without what a peer that knows nothing of coming back may ignore. */
    String hear() throws Exception {
        return hearWhole()
                .replaceFirst(",\"resume\":\"[^\"]+\",\"received\":[0-9]+}$", "}")
                .replaceFirst(",\"seq\":[0-9]+}$", "}");
    }

    String hearWhole() throws Exception {
        String text = heard.poll(20, TimeUnit.SECONDS);
        assertThat(text).as("something to hear").isNotNull();
        return text;
    }

    void assertHears(String... texts) throws Exception {
        for (String text : texts) {
            assertThat(hear()).isEqualTo(text);
        }
    }

    boolean hasHeardMore() {
        return !heard.isEmpty();
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            heard.add(partial.toString());
            partial.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        heard.add("binary " + data.remaining());
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        heard.add("closed " + statusCode + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        heard.add("lost " + error);
    }
}
