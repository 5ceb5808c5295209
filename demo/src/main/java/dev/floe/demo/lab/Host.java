package dev.floe.demo.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Somewhere to run processes: a host of the {@link NatLab}, or this machine. None of them outlives this process. Safe to
 * use from any thread.
 */
public final class Host {
    /** The {@code java} that runs this process. */
    public static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** The same, with options for what is over in seconds and should cost little. */
    public static final List<String> QUICK_JAVA = List.of(JAVA, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final Ending ENDING = new Ending(Host::killEverything);
    private static final Set<Process> ALL = ConcurrentHashMap.newKeySet();

    private final List<String> enter;
    private final String address;
    private final Set<Process> started = ConcurrentHashMap.newKeySet();

    private Host(List<String> enter, String address) {
        this.enter = enter;
        this.address = address;
    }

    /** This machine with its own network, known by its loopback address. */
    public static Host local() {
        return new Host(List.of(), "127.0.0.1");
    }

    static Host in(String namespace, String address) {
        return new Host(List.of("ip", "netns", "exec", namespace), address);
    }

    /** The host's IPv4 address, as the host itself sees it. */
    public String address() {
        return address;
    }

    /**
     * Starts a process here, its input and outputs piped.
     *
     * @throws UncheckedIOException if the command cannot be started
     * @throws IllegalStateException if this process ends
     */
    public Process start(List<String> command) {
        List<String> line = Stream.concat(enter.stream(), command.stream()).toList();
        return ENDING.before(() -> {
            try {
                Process process = new ProcessBuilder(line).start();
                ALL.add(process);
                started.add(process);
                return process;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void killEverything() {
        ALL.forEach(Process::destroyForcibly);
    }

    /** Kills what was started here and waits for its end. */
    void killAll() {
        started.forEach(process -> process.destroyForcibly().onExit().join());
    }
}
