package dev.floe.demo.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server on loopback in a process of its own, which ends with this one's use of it. */
final class ServerProcess implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("(?:\"port\":|^)([0-9]+)");
    private static final String JAVA_HOME = System.getProperty("java.home");

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** {@code floe server} with a heap of 512 MiB. */
    static ServerProcess floe() throws IOException {
        return start(List.of(
                Path.of(JAVA_HOME, "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.floe.demo.Floe",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--stun-port",
                "0",
                "--json"));
    }

    /** Starts one whose first line has its port. */
    static ServerProcess start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader();
        Matcher port = PORT.matcher(String.valueOf(out.readLine()));
        if (!port.find()) {
            process.destroyForcibly();
            throw new IOException("the server did not start: " + String.join(" ", command));
        }
        return new ServerProcess(process, Integer.parseInt(port.group(1)));
    }

    int port() {
        return port;
    }

    long cpuNanos() {
        return process.toHandle().info().totalCpuDuration().orElseThrow().toNanos();
    }

    /** What is left of a Floe server's heap after a collection. */
    long liveHeapBytes() throws IOException, InterruptedException {
        String jcmd = Path.of(JAVA_HOME, "bin", "jcmd").toString();
        for (int time = 0; time < 2; time++) {
            new ProcessBuilder(jcmd, String.valueOf(process.pid()), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What the process has in memory, where Linux tells. */
    OptionalLong residentBytes() throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
