package dev.floe.demo.lab;

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

    /**
     * The nftables file that turns a gateway into this kind of NAT, whatever it was before.
     *
     * <p>The kernel's own NAT is port-restricted, and its mapping is endpoint-independent as long as it can keep the
     * inner port: so the sets below may know a mapping by its inner port. It can keep it because there is one host, and
     * because what is not let in is dropped before the kernel tracks it and would find the port taken.
     *
     * @param host the inner address
     */
    String rules(String host) {
        return "flush ruleset\n"
                + switch (this) {
                    case NONE -> "";
                    case FULL_CONE -> cone(host, "inet_service", "udp sport", "udp dport");
                    case ADDRESS_RESTRICTED ->
                        cone(host, "inet_service . ipv4_addr", "udp sport . ip daddr", "udp dport . ip saddr");
                    case PORT_RESTRICTED -> masquerade("");
                    case SYMMETRIC -> masquerade("fully-random");
                    case UDP_BLOCKED -> masquerade("") + """
                            table ip filter {
                                chain forward {
                                    type filter hook forward priority filter
                                    meta l4proto udp drop
                                }
                            }
                            """;
                };
    }

    private static String masquerade(String flags) {
        return """
                table ip nat {
                    chain unmapped {
                        type filter hook input priority filter
                        iifname wan meta l4proto udp drop
                    }
                    chain outbound {
                        type nat hook postrouting priority srcnat
                        oifname wan masquerade %s
                    }
                }
                """.formatted(flags);
    }

    /** Outbound datagrams are noted by one key; inbound ones whose other key is among those noted are let in. */
    private static String cone(String host, String type, String outboundKey, String inboundKey) {
        return masquerade("") + """
                table ip nat {
                    set sent {
                        type %s
                        flags dynamic,timeout
                        timeout 2m
                    }
                    chain note {
                        type filter hook forward priority filter
                        oifname wan update @sent { %s }
                    }
                    chain inbound {
                        type nat hook prerouting priority dstnat
                        iifname wan %s @sent dnat to %s
                    }
                }
                """.formatted(type, outboundKey, inboundKey, host);
    }
}
