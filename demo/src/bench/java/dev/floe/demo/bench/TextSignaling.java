package dev.floe.demo.bench;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Descriptions between two processes, a line each, over TCP; and words beside them. Safe for several threads. */
final class TextSignaling implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;

    private final Socket socket;
    private final PrintWriter out;
    private final Map<Integer, Promise<IceDescription>> awaited = new ConcurrentHashMap<>();
    private final Promise<List<String>> last = GlobalEventExecutor.INSTANCE.newPromise();
    private int number;

    /** The offering end, which hears answers. */
    TextSignaling(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readAnswers, "signaling");
        reader.setDaemon(true);
        reader.start();
    }

    /** Tells an offer, and gives the answer to it. */
    Future<IceDescription> exchange(IceDescription offer) {
        Promise<IceDescription> answer = GlobalEventExecutor.INSTANCE.newPromise();
        synchronized (this) {
            number++;
            awaited.put(number, answer);
            out.println(number + " " + toText(offer));
        }
        return answer;
    }

    synchronized void say(String word) {
        out.println(word);
    }

    /** What the other end says last. */
    List<String> hear(String what) throws Exception {
        if (!last.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("the far ends do not tell their " + what);
        }
        return last.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void readAnswers() {
        try {
            BufferedReader in = reader(socket);
            List<String> words = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    last.trySuccess(words);
                } else if (line.contains("=")  && !line.contains(" ")) {
                    words.add(line);
                } else {
                    String[] parts = line.split(" ", 2);
                    awaited.remove(Integer.parseInt(parts[0])).setSuccess(fromText(parts[1]));
                }
            }
        } catch (IOException e) {
            last.tryFailure(e);
        }
    }

    static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static String toText(IceDescription description) {
        return String.join(
                ";",
                description.credentials().usernameFragment(),
                description.credentials().password(),
                description.fingerprint(),
                String.join(",", description.options()),
                description.candidates().stream().map(Candidate::toSdp).collect(Collectors.joining(",")));
    }

    static IceDescription fromText(String text) {
        String[] parts = text.split(";", -1);
        List<Candidate> candidates = Arrays.stream(parts[4].split(","))
                .map(Candidate::parse)
                .flatMap(Optional::stream)
                .toList();
        return new IceDescription(
                new IceCredentials(parts[0], parts[1]), parts[2], Set.of(parts[3].split(",")), candidates);
    }
}
