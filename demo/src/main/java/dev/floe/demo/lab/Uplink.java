package dev.floe.demo.lab;

import java.util.Locale;

/** A host's ways to the internet, each with a gateway and a NAT of its own. The host prefers the first that is up. */
public enum Uplink {
    /** The one that is up at first. */
    WIFI("gw", 100),
    /** The one that a host roams to. */
    LTE("gl", 200);

    private final String gateways;
    private final int number;

    Uplink(String gateways, int number) {
        this.gateways = gateways;
        this.number = number;
    }

    /** The name of the device in the host's namespace. */
    String device() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name of the gateway's namespace, and of its link on the internet. */
    String gateway(String host) {
        return gateways + host;
    }

    int metric() {
        return number;
    }

    /** The host's routing table for what it sends from this uplink's address. */
    int table() {
        return number;
    }
}
