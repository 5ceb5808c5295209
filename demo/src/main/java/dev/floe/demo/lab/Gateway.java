package dev.floe.demo.lab;

/** The NAT between one uplink of one host and the internet. */
final class Gateway {
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 2_000;

    private final Namespaces namespaces;
    private final Internet internet;
    private final String name;
    private final String inside;
    private final String outside;

    private NatKind kind = NatKind.NONE;
    private String ports = "";
    private int rebindings;

    /**
     * Describes a gateway.
     *
     * @param inside the network of the host, whose first address is the gateway's and whose second is the host's
     * @param outside the network on the internet, whose second address is the gateway's
     */
    Gateway(Namespaces namespaces, Internet internet, String name, String inside, String outside) {
        this.namespaces = namespaces;
        this.internet = internet;
        this.name = name;
        this.inside = inside;
        this.outside = outside;
    }

    String name() {
        return name;
    }

    /** The address on the internet. */
    String address() {
        return address(outside, 2);
    }

    /** The gateway's address as the host knows it. */
    String insideAddress() {
        return address(inside, 1);
    }

    /** The address of the host. */
    String hostAddress() {
        return address(inside, 2);
    }

    void build(String host, String device) {
        namespaces.add(name);
        namespaces.link(host, device, name, "lan");
        namespaces.up(name, "lan", insideAddress());
        namespaces.ip(name, "neighbour add %s dev lan lladdr %s".formatted(hostAddress(), Namespaces.NEAR));
        internet.connect(name, address(outside, 1), address());
        namespaces.run(name, "echo 1 > /proc/sys/net/ipv4/ip_forward");
    }

    void nat(NatKind kind) {
        this.kind = kind;
        this.ports = "";
        load();
        // Behind a NAT the inner network is not part of the internet.
        internet.route(inside + "/25", address(), kind == NatKind.NONE);
    }

    /** Loses all mappings. */
    void forget() {
        load();
    }

    /** Loses all mappings, and gives other ports to those that come. */
    void rebind() {
        int first = FIRST_PORT + PORTS * (rebindings++ % 20);
        ports = "to :%d-%d".formatted(first, first + PORTS - 1);
        load();
    }

    void cut() {
        internet.drop(name, "iifname " + name, "oifname " + name);
    }

    void mend() {
        internet.restore(name);
    }

    private void load() {
        namespaces.run(name, """
                nft -f - <<EOF
                %s
                EOF
                conntrack --flush
                """.formatted(kind.rules(hostAddress(), ports)));
    }

    private static String address(String network, int number) {
        int dot = network.lastIndexOf('.') + 1;
        return network.substring(0, dot) + (Integer.parseInt(network.substring(dot)) + number);
    }
}
