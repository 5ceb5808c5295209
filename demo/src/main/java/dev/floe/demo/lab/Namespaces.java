package dev.floe.demo.lab;

import java.util.ArrayDeque;
import java.util.Deque;

/** The network namespaces of one lab, by the names that they have in it. Not thread-safe, but for what runs in them. */
final class Namespaces {
    static final String NEAR = "02:00:00:00:00:01";
    static final String FAR = "02:00:00:00:00:02";

    private final String prefix;
    private final Deque<String> names = new ArrayDeque<>();

    /** @param prefix what no other lab's names begin with */
    Namespaces(String prefix) {
        this.prefix = prefix;
    }

    void add(String name) {
        Shell.run("ip", "netns", "add", prefix + name);
        names.push(prefix + name);
        run(name, "ip link set lo up");
    }

    Host host(String name, String address) {
        return Host.in(prefix + name, address);
    }

    /** Runs a script of the shell, up to the first command that fails. */
    void run(String name, String script) {
        Shell.runWithInput(script, "ip", "netns", "exec", prefix + name, "sh", "-e");
    }

    /** Runs commands of {@code ip}, one a line, as fast as can be. */
    void ip(String name, String commands) {
        Shell.runWithInput(commands, "ip", "-netns", prefix + name, "-batch", "-");
    }

    /** Makes a link of two devices, both of which are still down; their MAC addresses are {@link #NEAR} and {@link #FAR}. */
    void link(String near, String nearDevice, String far, String farDevice) {
        ip(
                near,
                "link add %s address %s type veth peer name %s address %s netns %s"
                        .formatted(nearDevice, NEAR, farDevice, FAR, prefix + far));
    }

    /** Gives a device away. */
    void move(String from, String device, String to, String name) {
        ip(from, "link set dev %s netns %s name %s".formatted(device, prefix + to, name));
    }

    void up(String name, String device, String address) {
        ip(name, """
                address add %2$s/25 dev %1$s
                link set dev %1$s up
                """.formatted(device, address));
    }

    void delete() {
        while (!names.isEmpty()) {
            Shell.run("ip", "netns", "delete", names.pop());
        }
    }
}
