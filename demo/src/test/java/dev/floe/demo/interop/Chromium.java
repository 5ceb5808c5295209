package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Debian's Chromium, headless and with one empty page, driven by the DevTools protocol. That goes over the process's
 * pipes, so that no port is opened and the browser ends when the pipes do. Not thread-safe.
 */
public final class Chromium implements AutoCloseable {
    public static final String COMMAND = "/usr/bin/chromium";

    /** The protocol is spoken on descriptors 3 and 4, to which a Java process has no other access. */
    private static final String ON_PIPES = "exec 3<&0 4>&1 1>/dev/null; exec \"$@\"";

    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private static final List<String> FLAGS = List.of(
            "--remote-debugging-pipe",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-loopback-in-peer-connection",
            "--enable-logging=stderr",
            "--vmodule=*/p2p/*=1");

    private final ForeignLog log = new ForeignLog();
    private final Process process;
    private final OutputStream commands;
    private final InputStream answers;
    private String page;
    private int lastId;

    /**
     * Starts it and does not wait for it; what is asked of it first does.
     *
     * @param userData an empty folder
     */
    public Chromium(Path userData) throws IOException {
        Stream<String> command = Stream.of("sh", "-c", ON_PIPES, "sh", COMMAND, "--user-data-dir=" + userData);
        process = new ProcessBuilder(Stream.of(command, FLAGS.stream(), Stream.of("about:blank"))
                        .flatMap(words -> words)
                        .toList())
                .start();
        commands = process.getOutputStream();
        answers = new BufferedInputStream(process.getInputStream());
        Thread logReader = new Thread(() -> process.errorReader(UTF_8).lines().forEach(log::add), "chromium-log");
        logReader.setDaemon(true);
        logReader.start();
    }

    /** The browser's own name for itself and its version. */
    String product() throws IOException {
        return call("Browser.getVersion", object(), null).path("product").asString();
    }

    /** Lets the page use the microphone, upon which a new connection may use all interfaces and tell their addresses. */
    void grantMicrophone() throws IOException {
        ObjectNode parameters = object();
        parameters.putArray("permissions").add("audioCapture");
        call("Browser.grantPermissions", parameters, null);
    }

    /**
     * Runs the body of an asynchronous function in the page.
     *
     * @return the string that the function returns
     */
    public String run(String body) throws IOException {
        ObjectNode parameters = object().put("expression", "(async () => {" + body + "})()")
                .put("awaitPromise", true)
                .put("returnByValue", true);
        JsonNode answer = call("Runtime.evaluate", parameters, page());
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value").asString();
    }

    /** Goes to another document and waits until it is loaded. */
    public void open(URI uri) throws IOException {
        call("Page.navigate", object().put("url", uri.toString()), page());
        run(
                "if (document.readyState !== 'complete') await new Promise(done => addEventListener('load', done)); return ''");
    }

    /** Gives the page another size, in CSS pixels, and one of the colour schemes {@code light} and {@code dark}. */
    public void show(int width, int height, String colorScheme) throws IOException {
        ObjectNode metrics = object().put("width", width).put("height", height);
        metrics.put("deviceScaleFactor", 1).put("mobile", false);
        call("Emulation.setDeviceMetricsOverride", metrics, page());
        call("Emulation.setScrollbarsHidden", object().put("hidden", true), page());
        ObjectNode media = object();
        ArrayNode features = media.putArray("features");
        features.addObject().put("name", "prefers-color-scheme").put("value", colorScheme);
        features.addObject().put("name", "prefers-reduced-motion").put("value", "reduce");
        call("Emulation.setEmulatedMedia", media, page());
    }

    /** What the page looks like, as a PNG. */
    public byte[] picture() throws IOException {
        return call("Page.captureScreenshot", object(), page()).path("data").binaryValue();
    }

    /** Presses a key, by its name in the DOM (UI Events KeyboardEvent key Values). */
    public void press(String key) throws IOException {
        for (String type : List.of("keyDown", "keyUp")) {
            call("Input.dispatchKeyEvent", object().put("type", type).put("key", key), page());
        }
    }

    /** What the browser logs. */
    ForeignLog log() {
        return log;
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> helpers = process.descendants().toList();
        commands.close();
        try {
            process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        helpers.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The session in which commands are for the page. */
    private String page() throws IOException {
        if (page == null) {
            page = attach();
        }
        return page;
    }

    private String attach() throws IOException {
        for (JsonNode target : call("Target.getTargets", object(), null).path("targetInfos")) {
            if (target.path("type").asString().equals("page")) {
                ObjectNode parameters = object().put(
                                "targetId", target.path("targetId").asString())
                        .put("flatten", true);
                return call("Target.attachToTarget", parameters, null)
                        .path("sessionId")
                        .asString();
            }
        }
        throw new IOException("the browser has no page");
    }

    private JsonNode call(String method, ObjectNode parameters, String session) throws IOException {
        int id = ++lastId;
        ObjectNode command = object().put("id", id).put("method", method);
        command.set("params", parameters);
        if (session != null) {
            command.put("sessionId", session);
        }
        commands.write((command + "\0").getBytes(UTF_8));
        commands.flush();
        JsonNode answer = read();
        while (answer.path("id").asInt(0) != id) {
            answer = read();
        }
        if (answer.has("error")) {
            throw new IOException(method + ": " + answer.path("error"));
        }
        return answer.path("result");
    }

    private JsonNode read() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        for (int b = answers.read(); b != 0; b = answers.read()) {
            if (b < 0) {
                throw new IOException("the browser has ended:\n" + log);
            }
            message.write(b);
        }
        return JsonMapper.shared().readTree(message.toByteArray());
    }

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }
}
