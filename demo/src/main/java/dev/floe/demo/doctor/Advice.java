package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What the findings mean for who wants a direct connection, a sentence each: the verdict, then what limits it. */
final class Advice {

    private static final String INDEPENDENT = "endpoint-independent";
    private static final String ADDRESS_DEPENDENT = "address-dependent";

    private Advice() {}

    /** @param ipv4 and {@code ipv6}: null without an address */
    static List<String> of(Event.Network ipv4, Event.Network ipv6, List<Event.Turn> turn) {
        return Stream.of(direct(ipv4, ipv6, turn), ipv6(ipv6), relay(turn))
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> direct(Event.Network ipv4, Event.Network ipv6, List<Event.Turn> turn) {
        if (Stream.of(ipv4, ipv6).filter(Objects::nonNull).noneMatch(Event.Network::udp)) {
            return withoutStun(turn);
        } else if (ipv4 == null || !ipv4.udp()) {
            return List.of("Direct connections work with peers that have IPv6, too: over IPv4 nothing is known.");
        } else if (ipv4.nat() == null || (ipv4.nat() && ipv4.mapping() == null)) {
            return List.of(
                    "Direct connections may work: UDP gets out, but what your router (NAT) does could not be found out.",
                    "A STUN server with two addresses would tell: floe server --stun-alternate.");
        }
        return ipv4.nat() ? behindNat(ipv4) : List.of(withoutNat(ipv4));
    }

    /** Silence alone says nothing: only where others answer is it UDP that does not get through. */
    private static List<String> withoutStun(List<Event.Turn> turn) {
        if (turn.stream().anyMatch(each -> each.ok() && each.transport().equals("udp"))) {
            return List.of("Direct connections may work: UDP gets out, but no STUN server answered over UDP.");
        }
        return List.of(
                turn.stream().anyMatch(Event.Turn::ok)
                        ? "Direct connections do not work: no STUN server answered over UDP."
                        : "It is not known whether direct connections work: no STUN server answered over UDP.",
                "This network blocks UDP, or no server is there.");
    }

    private static String withoutNat(Event.Network network) {
        return INDEPENDENT.equals(network.filtering())
                ? "Direct connections work with everybody: there is no NAT and no firewall in the way."
                : "Direct connections work with everybody: there is no NAT, at most a firewall that lets answers in.";
    }

    private static List<String> behindNat(Event.Network network) {
        if (!INDEPENDENT.equals(network.mapping())) {
            return List.of(
                    "Direct connections work with some peers only: your router (NAT) uses another port for each destination"
                            + " (a symmetric NAT).",
                    "With a peer behind a strict NAT, port-restricted or symmetric too, it takes a relay.");
        }
        String verdict = "Direct connections usually work: your router (NAT) keeps one port for all destinations.";
        if (network.filtering() == null) {
            return List.of(verdict);
        }
        return List.of(
                verdict,
                network.filtering().equals(INDEPENDENT) || network.filtering().equals(ADDRESS_DEPENDENT)
                        ? "They do so even with a peer behind a symmetric NAT."
                        : "With a peer behind a symmetric NAT it takes a relay.");
    }

    private static List<String> ipv6(Event.Network network) {
        return network != null && network.udp() && Boolean.FALSE.equals(network.nat())
                ? List.of("IPv6 goes out without a NAT: with a peer that has it, too, the connection is direct.")
                : List.of();
    }

    private static List<String> relay(List<Event.Turn> turn) {
        if (turn.isEmpty()) {
            return List.of("No relay is at hand for when there is no direct way: no TURN server was named (--turn).");
        }
        return List.of(
                turn.stream().anyMatch(Event.Turn::ok)
                        ? "A relay is at hand for when there is no direct way."
                        : "No relay is at hand for when there is no direct way: no TURN server gave one.");
    }
}
