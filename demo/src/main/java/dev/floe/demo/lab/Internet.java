package dev.floe.demo.lab;

import java.util.stream.Stream;

/** What lies between the gateways of one lab and its server, and what of it is lost. */
final class Internet {
    private static final String NAME = "inet";
    private static final String SERVER = "srv";

    private final Namespaces namespaces;
    private final Host host;
    private final Host server;
    private final Wire wire;

    Internet(Namespaces namespaces, Wire wire) {
        this.namespaces = namespaces;
        this.wire = wire;
        host = namespaces.host(NAME, "192.0.2.1");
        server = namespaces.host(SERVER, "192.0.2.10");
    }

    Host server() {
        return server;
    }

    /** Builds it, with a device for each gateway, whose other end waits here for {@link #connect}. */
    void build(Stream<String> gateways) {
        namespaces.add(NAME);
        namespaces.add(SERVER);
        namespaces.link(NAME, SERVER, SERVER, "wan");
        namespaces.up(NAME, SERVER, host.address());
        namespaces.up(SERVER, "wan", server.address());
        namespaces.run(NAME, "echo 1 > /proc/sys/net/ipv4/ip_forward");
        namespaces.ip(SERVER, """
                address add 192.0.2.11/25 dev wan
                route add default via 192.0.2.1
                """);
        if (wire.isPlain()) {
            gateways.forEach(gateway -> namespaces.link(NAME, gateway, NAME, farEnd(gateway)));
        } else {
            wire.start(host, gateways.flatMap(gateway -> Stream.of(gateway, farEnd(gateway))));
        }
    }

    /** Connects a gateway. */
    void connect(String gateway, String near, String far) {
        namespaces.move(NAME, farEnd(gateway), gateway, "wan");
        namespaces.up(NAME, gateway, near);
        namespaces.up(gateway, "wan", far);
        namespaces.ip(gateway, "route add default via " + near);
    }

    /** Routes a network to its gateway, or knows nothing of it. */
    void route(String network, String gateway, boolean isKnown) {
        String to = isKnown ? network + " via " + gateway : "blackhole " + network;
        namespaces.ip(NAME, "route replace " + to);
    }

    /** Drops silently, from now on, what one of some rules matches. */
    void drop(String name, String... rules) {
        namespaces.run(NAME, """
                nft -f - <<EOF
                table ip %s {
                    chain lost {
                        type filter hook forward priority filter
                        %s
                    }
                }
                EOF
                """.formatted(table(name), String.join(" drop\n", rules) + " drop"));
    }

    /** Ends what {@link #drop} began. */
    void restore(String name) {
        namespaces.run(NAME, "nft delete table ip " + table(name));
    }

    void killAll() {
        server.killAll();
        host.killAll();
    }

    private static String farEnd(String gateway) {
        return gateway + "-wan";
    }

    private static String table(String name) {
        return "without-" + name;
    }
}
