package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The {@code floe} command as a process, and the events that it prints with {@code --json}. What does not come in time
 * fails the test, with all that the process has said. Safe to use from any thread.
 */
public final class ProcessPeer implements AutoCloseable {
    private static final Duration LIFETIME = Duration.ofMinutes(1);

    private final List<String> command;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final List<JsonNode> events = new ArrayList<>();
    private final StringBuilder stderr = new StringBuilder();
    private final List<Thread> readers;
    private int ended;

    private ProcessPeer(Host host, List<String> command) {
        this.command = command;
        this.process = host.start(command);
        this.readers = List.of(
                reader(process.inputReader(UTF_8), this::addLine),
                reader(process.errorReader(UTF_8), this::addErrorLine));
        readers.forEach(Thread::start);
    }

    /** Starts {@code floe ARGUMENTS --json} from the jar that the system property {@code floe.jar} names. */
    public static ProcessPeer floe(Host host, String... arguments) {
        List<String> command = new ArrayList<>(command(arguments));
        command.add("--json");
        return start(host, command);
    }

    /** The command line of {@code floe ARGUMENTS}. */
    public static List<String> command(String... arguments) {
        String jar = requireNonNull(System.getProperty("floe.jar"), "no system property floe.jar: failsafe sets it");
        return Stream.of(Host.QUICK_JAVA, List.of("-jar", jar), List.of(arguments))
                .flatMap(List::stream)
                .toList();
    }

    /** Starts {@code ARGUMENTS --json} of a main class of the test's own class path that prints as {@code floe} does. */
    public static ProcessPeer main(Host host, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(Host.QUICK_JAVA);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        command.add("--json");
        return start(host, command);
    }

    /** Starts any command that prints its events as {@code floe} does. */
    public static ProcessPeer start(Host host, List<String> command) {
        return new ProcessPeer(host, command);
    }

    /**
     * Waits for the first event of a name, which may have come already.
     *
     * @throws AssertionError if it does not come within the limit or before the process ends
     */
    public JsonNode awaitEvent(String name, Duration limit) throws InterruptedException {
        return awaitEvent(name, event -> true, limit);
    }

    /** As {@link #awaitEvent(String, Duration)}, for an event that comes more than once: the first one that matches. */
    public synchronized JsonNode awaitEvent(String name, Predicate<JsonNode> matches, Duration limit)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<JsonNode> event = events(name).stream().filter(matches).findFirst();
            if (event.isPresent()) {
                return event.get();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0 || ended == readers.size()) {
                throw failure("no such '" + name + "' event within " + limit);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** All lines of the process's standard output so far. */
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** All events so far, in the order in which they came. */
    public synchronized List<JsonNode> events() {
        return List.copyOf(events);
    }

    /** The events of a name so far, in the order in which they came. */
    public List<JsonNode> events(String name) {
        return events().stream().filter(event -> isNamed(name, event)).toList();
    }

    /**
     * Waits for the process to end by itself.
     *
     * @return the {@code result}, its last event
     * @throws AssertionError if it does not end within a minute, or if its standard output was anything but events of
     *     which the last and only the last is a {@code result}
     */
    public JsonNode result() throws InterruptedException {
        exitCode();
        List<JsonNode> results = events("result");
        if (results.size() != 1 || !isNamed("result", lastEvent()) || hasStrayLine()) {
            throw failure("not a list of events that ends with its one 'result'");
        }
        return results.get(0);
    }

    /**
     * Waits for the process to end by itself.
     *
     * @throws AssertionError if it does not within a minute
     */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(LIFETIME.toSeconds(), TimeUnit.SECONDS)) {
            throw failure("still running after " + LIFETIME);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        return process.exitValue();
    }

    /** What the process has said on its standard error so far. */
    public synchronized String stderr() {
        return stderr.toString();
    }

    /** Writes a line to the process's standard input. */
    public void say(String line) {
        PrintStream stdin = new PrintStream(process.getOutputStream(), true, UTF_8);
        stdin.println(line);
    }

    /** Ends the process's standard input. */
    public void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the process (SIGSTOP); a suspended laptop does the same to it. */
    public void suspend() {
        Shell.run("kill", "-STOP", String.valueOf(process.pid()));
    }

    /** Lets a suspended process go on. */
    public void wake() {
        Shell.run("kill", "-CONT", String.valueOf(process.pid()));
    }

    /** Asks the process to end, as Ctrl-C and {@code kill} do; what it says then is heard. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Kills the process if it still runs, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** The process and all that it has said. */
    @Override
    public synchronized String toString() {
        return "%s (%s)%n%s%n--- stderr%n%s"
                .formatted(
                        String.join(" ", command).replace(System.getProperty("java.class.path"), "…"),
                        process.isAlive() ? "running" : "exit code " + process.exitValue(),
                        String.join("\n", lines),
                        stderr);
    }

    private Thread reader(BufferedReader from, Consumer<String> sink) {
        Thread thread = new Thread(() -> {
            try {
                from.lines().forEach(sink);
            } catch (UncheckedIOException e) {
                // close() has closed the pipe
            } finally {
                process.onExit().join();
                end();
            }
        });
        thread.setDaemon(true);
        return thread;
    }

    private synchronized void addLine(String line) {
        lines.add(line);
        try {
            JsonNode event = JsonMapper.shared().readTree(line);
            if (event.isObject()) {
                events.add(event);
            }
        } catch (JacksonException e) {
            // a stray line, which fails result()
        }
        notifyAll();
    }

    private synchronized void addErrorLine(String line) {
        stderr.append(line).append('\n');
    }

    private synchronized void end() {
        ended++;
        notifyAll();
    }

    private synchronized JsonNode lastEvent() {
        return events.get(events.size() - 1);
    }

    private synchronized boolean hasStrayLine() {
        return lines.size() != events.size();
    }

    private static boolean isNamed(String name, JsonNode event) {
        return event.path("event").asString("").equals(name);
    }

    private AssertionError failure(String what) {
        return new AssertionError(what + ": " + this);
    }
}
