package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What the findings mean for who wants a direct connection, a sentence or two for each. */
final class Advice {

    private static final String INDEPENDENT = "endpoint-independent";
    private static final String ADDRESS_DEPENDENT = "address-dependent";

    private Advice() {}

    /** @param ipv4 and {@code ipv6}: null without an address */
    static List<String> of(Event.Network ipv4, Event.Network ipv6, List<Event.Turn> turn) {
        List<String> advice = new ArrayList<>();
        if (Stream.of(ipv4, ipv6).filter(Objects::nonNull).noneMatch(Event.Network::udp)) {
            advice.add("No STUN server answered over UDP: this network blocks UDP, or no server is there."
                    + " Without UDP there are no direct connections.");
        }
        if (ipv4 != null && ipv4.udp()) {
            advice.add(direct(ipv4));
            addHairpinning(ipv4, advice);
        }
        advice.add(ipv6(ipv6));
        advice.add(relay(turn));
        return List.copyOf(advice);
    }

    private static String direct(Event.Network network) {
        if (network.nat() == null || (network.nat() && network.mapping() == null)) {
            return "There is UDP, but what the NAT does could not be found out; connecting will show.";
        } else if (!network.nat()) {
            return INDEPENDENT.equals(network.filtering())
                    ? "There is no NAT and no firewall in the way: everybody can reach this machine directly."
                    : "There is no NAT, though a firewall may want this machine to send first, as it does when it"
                            + " connects: direct connections work with everybody.";
        } else if (!INDEPENDENT.equals(network.mapping())) {
            return "Your NAT gives each destination a port of its own (a symmetric NAT): direct connections work only"
                    + " with peers whose NAT, if any, lets in unknown ports. Behind a port-restricted or another"
                    + " symmetric NAT, both need a relay.";
        }
        return "Your NAT keeps one port for all destinations: direct connections usually work" + withSymmetric(network);
    }

    private static String withSymmetric(Event.Network network) {
        if (network.filtering() == null) {
            return ".";
        }
        return network.filtering().equals(INDEPENDENT) || network.filtering().equals(ADDRESS_DEPENDENT)
                ? ", even with a peer behind a symmetric NAT."
                : ", but not with a peer behind a symmetric NAT: then both need a relay.";
    }

    private static void addHairpinning(Event.Network network, List<String> advice) {
        if (Boolean.FALSE.equals(network.hairpinning())) {
            advice.add("Machines behind this same NAT find each other by their inner addresses only.");
        }
    }

    private static String ipv6(Event.Network network) {
        if (network == null) {
            return "This machine has no IPv6 address.";
        } else if (!network.udp()) {
            return "This machine has an IPv6 address, but no STUN server answered over it.";
        }
        return Boolean.TRUE.equals(network.nat())
                ? "IPv6 goes out through a NAT, too."
                : "IPv6 goes out without a NAT: with a peer that has IPv6 the connection is direct.";
    }

    private static String relay(List<Event.Turn> turn) {
        if (turn.isEmpty()) {
            return "No TURN server was named (--turn), so there is no relay for when there is no direct way.";
        }
        return turn.stream().anyMatch(Event.Turn::ok)
                ? "A relay is at hand for when there is no direct way."
                : "No TURN server gave a relay for when there is no direct way.";
    }
}
