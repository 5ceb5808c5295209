package dev.floe.demo.lab;

import java.util.Locale;

/**
 * What a gateway of the {@link NatLab} does to UDP, named as in RFC 3489 §5; RFC 4787 §4.1 and §5 define the behaviours.
 * TCP passes outwards through each of them.
 */
public enum NatKind {
    /** No NAT: the host's own address is routed. */
    NONE,
    /** Endpoint-independent mapping and filtering. */
    FULL_CONE,
    /** Endpoint-independent mapping, address-dependent filtering. */
    ADDRESS_RESTRICTED,
    /** Endpoint-independent mapping, address- and port-dependent filtering. */
    PORT_RESTRICTED,
    /** Address- and port-dependent mapping and filtering. */
    SYMMETRIC,
    /** No UDP in any direction, as behind many a company's firewall; TCP as through a NAT. */
    UDP_BLOCKED;

    /** Its name as people write it: {@code port-restricted}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The nftables file that turns a gateway into this kind of NAT, whatever it was before.
     *
     * <p>The kernel's own NAT is port-restricted, and its mapping is endpoint-independent as long as it can keep the
     * inner port, or finds the source in a mapping that stands. It can keep it because there is one host, and because what
     * is not let in is dropped before the kernel tracks it and would find the port taken.
     *
     * @param host the inner address
     * @param ports {@code to :FIRST-LAST}, the ports that mappings get, or nothing: their inner ports
     */
    String rules(String host, String ports) {
        return "flush ruleset\n"
                + switch (this) {
                    case NONE -> "";
                    case FULL_CONE -> masquerade(ports) + cone(host, "inet_service", "udp sport", "udp dport");
                    case ADDRESS_RESTRICTED ->
                        masquerade(ports)
                                + cone(
                                        host,
                                        "inet_service . ipv4_addr",
                                        "udp sport . ip daddr",
                                        "udp dport . ip saddr");
                    case PORT_RESTRICTED -> masquerade(ports);
                    case SYMMETRIC -> masquerade("fully-random");
                    case UDP_BLOCKED -> masquerade(ports) + """
                            table ip filter {
                                chain forward {
                                    type filter hook forward priority filter
                                    meta l4proto udp drop
                                }
                            }
                            """;
                };
    }

    private static String masquerade(String how) {
        return """
                table ip nat {
                    chain unmapped {
                        type filter hook input priority filter
                        iifname wan meta l4proto udp drop
                    }
                    chain outbound {
                        type nat hook postrouting priority srcnat
                        oifname wan meta l4proto { tcp, udp } masquerade %s
                        oifname wan masquerade
                    }
                }
                """.formatted(how);
    }

    /**
     * Outbound datagrams are noted by one key, as the internet sees them, and with their inner port; inbound ones whose
     * other key is among those noted are let in.
     */
    private static String cone(String host, String type, String outboundKey, String inboundKey) {
        return """
                table ip nat {
                    map inner {
                        type inet_service : inet_service
                        flags dynamic,timeout
                        timeout 2m
                    }
                    set sent {
                        type %s
                        flags dynamic,timeout
                        timeout 2m
                    }
                    chain note {
                        type filter hook postrouting priority srcnat + 1
                        oifname wan update @sent { %s }
                        oifname wan ct direction original update @inner { udp sport : ct original proto-src }
                        oifname wan ct direction reply update @inner { udp sport : ct reply proto-src }
                    }
                    chain inbound {
                        type nat hook prerouting priority dstnat
                        iifname wan %s @sent dnat to %s:udp dport map @inner
                    }
                }
                """.formatted(type, outboundKey, inboundKey, host);
    }
}
