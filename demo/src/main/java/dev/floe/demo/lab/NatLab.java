package dev.floe.demo.lab;

import static dev.floe.demo.lab.Uplink.LTE;
import static dev.floe.demo.lab.Uplink.WIFI;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Two hosts with two uplinks each, every uplink behind a NAT of the kernel, a server, and the internet between them, as
 * network namespaces:
 *
 * <pre>
 *   a ─┬─ wifi 10.1.0.2 ── gwa 198.51.100.2 ────┐
 *      └─ lte  10.3.0.2 ── gla 198.51.100.130 ──┤
 *                                              inet ── srv 192.0.2.10 and 192.0.2.11
 *   b ─┬─ wifi 10.2.0.2 ── gwb 203.0.113.2 ─────┤
 *      └─ lte  10.4.0.2 ── glb 203.0.113.130 ───┘
 * </pre>
 *
 * A host prefers its WiFi; its LTE is down until {@link #startLte} or {@link #roam} brings it up. Both have source
 * routing: what a host sends from an uplink's address leaves by that uplink.
 *
 * <p>Labs share nothing: the namespaces' names are unique to this process and no interface is ever outside them, so the
 * addresses can always be the same. The links lose nothing until they are told to, and have no delay unless the lab is
 * built with a {@link Wire}. A lab takes what {@link #require} looks for, and is gone when closed, or at the latest when
 * this process ends. Not thread-safe, but for its hosts and {@link #close}.
 */
public final class NatLab implements AutoCloseable {
    /** What the names of this process's namespaces begin with. */
    static final String PREFIX = "floe-" + ProcessHandle.current().pid() + "-";

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Ending ENDING = new Ending(NatLab::closeAll);
    private static final Set<NatLab> OPEN = ConcurrentHashMap.newKeySet();

    private final Namespaces namespaces = new Namespaces(PREFIX + COUNT.incrementAndGet() + "-");
    private final Internet internet;
    private final Site siteA;
    private final Site siteB;

    private NatLab(Wire wire) {
        internet = new Internet(namespaces, wire);
        siteA = site("a", "10.1.0.0", "10.3.0.0", "198.51.100");
        siteB = site("b", "10.2.0.0", "10.4.0.0", "203.0.113");
    }

    /**
     * Returns if this machine can have labs.
     *
     * @throws IOException with what is missing, in one line, if it cannot
     */
    public static void require() throws IOException {
        String system = System.getProperty("os.name");
        if (!system.equals("Linux")) {
            throw new IOException("a NAT lab is made of Linux's network namespaces, and this is " + system);
        }
        require("iproute2", "ip", "-V");
        require("nftables", "nft", "--version");
        require("conntrack", "conntrack", "-V");
        try {
            Shell.run("unshare", "--net", "nft", "list", "ruleset");
        } catch (IllegalStateException e) {
            throw new IOException("a NAT lab takes root, for it makes network namespaces; try sudo", e);
        }
    }

    private static void require(String debianPackage, String... command) throws IOException {
        try {
            Shell.run(command);
        } catch (UncheckedIOException | IllegalStateException e) {
            String what = "a NAT lab takes the command %s (Debian's package %s)".formatted(command[0], debianPackage);
            throw new IOException(what, e);
        }
    }

    /**
     * Builds a lab whose links have no delay.
     *
     * @param a the kind of the NATs before host a
     * @param b the kind of the NATs before host b
     * @throws IllegalStateException if a namespace cannot be made or set up, or if this process ends; nothing is left
     *     behind then
     */
    public static NatLab build(NatKind a, NatKind b) {
        return build(a, b, Wire.PLAIN);
    }

    /** As {@link #build(NatKind, NatKind)}, with something of a wire between each gateway and the internet. */
    public static NatLab build(NatKind a, NatKind b, Wire wire) {
        return ENDING.before(() -> new NatLab(wire).built(a, b));
    }

    private NatLab built(NatKind a, NatKind b) {
        OPEN.add(this);
        try {
            internet.build(Stream.of(siteA, siteB).flatMap(Site::gateways).map(Gateway::name));
            siteA.build();
            siteB.build();
            nat(a(), a);
            nat(b(), b);
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Host a. */
    public Host a() {
        return siteA.host();
    }

    /** Host b. */
    public Host b() {
        return siteB.host();
    }

    /** The server, which is on the internet. */
    public Host server() {
        return internet.server();
    }

    /** The first address of the server. */
    public String serverAddress() {
        return server().address();
    }

    /** The second address of the server. */
    public String secondServerAddress() {
        return "192.0.2.11";
    }

    /**
     * Puts new NATs, ones without mappings, before a host; processes and their sockets live on.
     *
     * @param host {@link #a} or {@link #b}
     */
    public void nat(Host host, NatKind kind) {
        Stream.of(Uplink.values()).forEach(uplink -> nat(host, uplink, kind));
    }

    /** As {@link #nat(Host, NatKind)}, for one uplink. */
    public void nat(Host host, Uplink uplink, NatKind kind) {
        gateway(host, uplink).nat(kind);
    }

    /** Has the NAT before an uplink lose its mappings; those that come have the same ports. */
    public void forget(Host host, Uplink uplink) {
        gateway(host, uplink).forget();
    }

    /** Has the NAT before an uplink lose its mappings; those that come have other ports. */
    public void rebind(Host host, Uplink uplink) {
        gateway(host, uplink).rebind();
    }

    /**
     * The address on the internet of the gateway behind a host's WiFi.
     *
     * @param host {@link #a} or {@link #b}
     */
    public String gatewayAddress(Host host) {
        return gatewayAddress(host, WIFI);
    }

    /** The address on the internet of the gateway behind a host's uplink. */
    public String gatewayAddress(Host host, Uplink uplink) {
        return gateway(host, uplink).address();
    }

    /** Brings the hosts' LTE up beside their WiFi; it stays up when they {@link #unroam}. */
    public void startLte(Host... hosts) {
        atOnce(Site::startLte, hosts);
    }

    /** Takes the hosts' WiFi away, and brings their LTE up if it is down, all at the same moment. */
    public void roam(Host... hosts) {
        atOnce(Site::roam, hosts);
    }

    /** Brings the hosts' WiFi back, and takes an LTE away that only {@link #roam} has brought up. */
    public void unroam(Host... hosts) {
        atOnce(Site::unroam, hosts);
    }

    /** Drops silently whatever goes over an uplink, which stays up, until {@link #mend}. */
    public void cut(Host host, Uplink uplink) {
        gateway(host, uplink).cut();
    }

    public void mend(Host host, Uplink uplink) {
        gateway(host, uplink).mend();
    }

    /** Drops silently whatever goes directly from one host to the other, until {@link #unite}. */
    public void divide() {
        internet.drop(
                "direct", "iifname { gwa, gla } oifname { gwb, glb }", "iifname { gwb, glb } oifname { gwa, gla }");
    }

    public void unite() {
        internet.restore("direct");
    }

    /** Drops silently whatever goes over TCP, as signaling does, until {@link #restoreTcp}. */
    public void dropTcp() {
        internet.drop("tcp", "meta l4proto tcp");
    }

    public void restoreTcp() {
        internet.restore("tcp");
    }

    /** Kills the processes started on the hosts, and removes everything. */
    @Override
    public synchronized void close() {
        siteA.host().killAll();
        siteB.host().killAll();
        internet.killAll();
        namespaces.delete();
        OPEN.remove(this);
    }

    private static void closeAll() {
        OPEN.forEach(NatLab::close);
    }

    private void atOnce(Consumer<Site> move, Host... hosts) {
        CompletableFuture.allOf(Stream.of(hosts)
                        .map(host -> CompletableFuture.runAsync(() -> move.accept(site(host))))
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    private Gateway gateway(Host host, Uplink uplink) {
        return site(host).gateway(uplink);
    }

    private Site site(Host host) {
        return host == a() ? siteA : siteB;
    }

    private Site site(String name, String wifi, String lte, String outside) {
        Map<Uplink, Gateway> gateways = new EnumMap<>(Uplink.class);
        gateways.put(WIFI, new Gateway(namespaces, internet, WIFI.gateway(name), wifi, outside + ".0"));
        gateways.put(LTE, new Gateway(namespaces, internet, LTE.gateway(name), lte, outside + ".128"));
        return new Site(namespaces, name, gateways);
    }
}
