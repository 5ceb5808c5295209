package dev.floe.demo.lab;

import static dev.floe.demo.lab.Uplink.LTE;
import static dev.floe.demo.lab.Uplink.WIFI;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/** A host, its uplinks and their gateways. */
final class Site {
    private final Namespaces namespaces;
    private final String name;
    private final Host host;
    private final Map<Uplink, Gateway> gateways = new EnumMap<>(Uplink.class);

    private boolean isLteKept;

    Site(Namespaces namespaces, String name, Map<Uplink, Gateway> gateways) {
        this.namespaces = namespaces;
        this.name = name;
        this.gateways.putAll(gateways);
        host = namespaces.host(name, gateway(WIFI).hostAddress());
    }

    Host host() {
        return host;
    }

    Gateway gateway(Uplink uplink) {
        return gateways.get(uplink);
    }

    Stream<Gateway> gateways() {
        return gateways.values().stream();
    }

    void build() {
        namespaces.add(name);
        gateways.forEach((uplink, gateway) -> {
            gateway.build(name, uplink.device());
            namespaces.ip(name, "rule add from %s table %d".formatted(gateway.hostAddress(), uplink.table()));
        });
        namespaces.ip(name, up(WIFI));
    }

    /** Brings the second uplink up, which stays up whatever the first one does. */
    void startLte() {
        isLteKept = true;
        namespaces.ip(name, up(LTE));
    }

    void roam() {
        namespaces.ip(name, down(WIFI) + up(LTE));
    }

    void unroam() {
        namespaces.ip(name, isLteKept ? up(WIFI) : down(LTE) + up(WIFI));
    }

    // Nobody asks for a MAC address, since on a link that has just come up the first such question may be lost.
    private String up(Uplink uplink) {
        return """
                link set dev %1$s up
                address replace %2$s/25 dev %1$s
                neighbour replace %3$s dev %1$s lladdr %6$s
                route replace default via %3$s dev %1$s metric %4$d
                route replace default via %3$s dev %1$s table %5$d
                """.formatted(
                        uplink.device(),
                        gateway(uplink).hostAddress(),
                        gateway(uplink).insideAddress(),
                        uplink.metric(),
                        uplink.table(),
                        Namespaces.FAR);
    }

    private static String down(Uplink uplink) {
        return "link set dev %s down\n".formatted(uplink.device());
    }
}
