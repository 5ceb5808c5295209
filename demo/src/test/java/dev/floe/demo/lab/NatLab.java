package dev.floe.demo.lab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two hosts behind NATs of the kernel, a server, and the internet between them, as network namespaces:
 *
 * <pre>
 *   a 10.1.0.2 ── gwa 198.51.100.2 ──┐
 *                                   inet ── srv 192.0.2.10 and 192.0.2.11
 *   b 10.2.0.2 ── gwb 203.0.113.2 ───┘
 * </pre>
 *
 * Labs share nothing: the namespaces' names are unique to this process and no interface is ever outside them, so the
 * addresses can always be the same. The links have no delay and lose nothing. A lab needs what
 * {@link LabAssumption#assumeLab} asks for, and is gone when closed, or at the latest when the test run ends.
 */
public final class NatLab implements AutoCloseable {
    /** What the names of this process's namespaces begin with. */
    static final String PREFIX = "floe-" + ProcessHandle.current().pid() + "-";

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Semaphore BUILDING = new Semaphore(1);
    private static final Set<NatLab> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            BUILDING.acquireUninterruptibly(); // for good: no lab is built any more
            OPEN.forEach(NatLab::close);
        }));
    }

    private final String prefix = PREFIX + COUNT.incrementAndGet() + "-";
    private final Deque<String> namespaces = new ArrayDeque<>();
    private final Site siteA = new Site("a", "10.1.0", "198.51.100");
    private final Site siteB = new Site("b", "10.2.0", "203.0.113");
    private final Host server = Host.in(prefix + "srv", "192.0.2.10");

    private NatLab() {}

    /**
     * Builds a lab.
     *
     * @param a the NAT before host a
     * @param b the NAT before host b
     * @throws IllegalStateException if a namespace cannot be made or set up; nothing is left behind then
     */
    public static NatLab build(NatKind a, NatKind b) {
        BUILDING.acquireUninterruptibly();
        NatLab lab = new NatLab();
        OPEN.add(lab);
        try {
            lab.buildInternet();
            lab.siteA.build();
            lab.siteB.build();
            lab.siteA.nat(a);
            lab.siteB.nat(b);
            return lab;
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        } finally {
            BUILDING.release();
        }
    }

    /** Host a. */
    public Host a() {
        return siteA.host;
    }

    /** Host b. */
    public Host b() {
        return siteB.host;
    }

    /** The server, which is on the internet. */
    public Host server() {
        return server;
    }

    /** The first address of the server. */
    public String serverAddress() {
        return server.address();
    }

    /** The second address of the server. */
    public String secondServerAddress() {
        return "192.0.2.11";
    }

    /**
     * Puts a new NAT, one without mappings, before a host; processes and their sockets live on.
     *
     * @param host {@link #a} or {@link #b}
     */
    public void nat(Host host, NatKind kind) {
        site(host).nat(kind);
    }

    /**
     * The address of a host's gateway on the internet.
     *
     * @param host {@link #a} or {@link #b}
     */
    public String gatewayAddress(Host host) {
        return site(host).outside + ".2";
    }

    /** Kills the processes started on the hosts, and removes everything. */
    @Override
    public synchronized void close() {
        siteA.host.killAll();
        siteB.host.killAll();
        server.killAll();
        while (!namespaces.isEmpty()) {
            Shell.run("ip", "netns", "delete", namespaces.pop());
        }
        OPEN.remove(this);
    }

    private Site site(Host host) {
        return host == siteA.host ? siteA : siteB;
    }

    private void buildInternet() {
        add("inet");
        add("srv");
        link("inet", "srv", "192.0.2.1", "srv", "wan", "192.0.2.10");
        run("inet", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        run("srv", """
                ip address add 192.0.2.11/24 dev wan
                ip route add default via 192.0.2.1
                """);
    }

    private void add(String name) {
        Shell.run("ip", "netns", "add", prefix + name);
        namespaces.push(prefix + name);
        run(name, "ip link set lo up");
    }

    private void link(String near, String nearDevice, String nearAddress, String far, String device, String address) {
        run(near, "ip link add %s type veth peer name %s netns %s".formatted(nearDevice, device, prefix + far));
        up(near, nearDevice, nearAddress);
        up(far, device, address);
    }

    private void up(String namespace, String device, String address) {
        run(namespace, """
                ip address add %2$s/24 dev %1$s
                ip link set dev %1$s up
                """.formatted(device, address));
    }

    private void run(String namespace, String script) {
        Shell.runWithInput(script, "ip", "netns", "exec", prefix + namespace, "sh", "-e");
    }

    /** A host and its gateway. */
    private final class Site {
        final String name;
        final String gateway;
        final String inside;
        final String outside;
        final Host host;

        Site(String name, String inside, String outside) {
            this.name = name;
            this.gateway = "gw" + name;
            this.inside = inside;
            this.outside = outside;
            this.host = Host.in(prefix + name, inside + ".2");
        }

        void build() {
            add(name);
            add(gateway);
            link(name, "lan", inside + ".2", gateway, "lan", inside + ".1");
            link(gateway, "wan", outside + ".2", "inet", gateway, outside + ".1");
            run(name, "ip route add default via %s.1".formatted(inside));
            run(gateway, """
                    echo 1 > /proc/sys/net/ipv4/ip_forward
                    ip route add default via %s.1
                    """.formatted(outside));
        }

        void nat(NatKind kind) {
            run(gateway, """
                    nft -f - <<EOF
                    %s
                    EOF
                    conntrack --flush
                    """.formatted(kind.rules(host.address())));
            // Behind a NAT the inner network is not part of the internet.
            String to = kind == NatKind.NONE ? "%s.0/24 via %s.2" : "blackhole %s.0/24";
            run("inet", "ip route replace " + to.formatted(inside, outside));
        }
    }
}
