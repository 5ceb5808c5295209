package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.NatMapping;
import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnTransport;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** This side's candidates with their bases, priorities and foundations (RFC 8445 §5.1.1 to §5.1.3). */
final class LocalCandidates {

    private static final int MAX_PREFERENCE = 65_535;
    private static final int TRANSPORT_PENALTY = 16_384;

    private final List<LocalCandidate> all = new ArrayList<>();
    private final Map<String, String> foundations = new HashMap<>();
    private final Map<Vantage, InetSocketAddress> mappings = new HashMap<>();
    private final NatMapping natMapping;
    private final Disclosure disclosure;
    private final Set<InetSocketAddress> renewed = new HashSet<>();
    private int removed;

    /** From where and by whom an address of this side was seen. */
    private record Vantage(InetSocketAddress base, InetSocketAddress server) {}

    LocalCandidates(IceConfig config) {
        natMapping = config.natMapping();
        disclosure = new Disclosure(config);
    }

    /** Hosts of these addresses are told under these names, if they are not to be told by address. */
    void nameHosts(Map<InetAddress, String> mdnsNames) {
        disclosure.nameHosts(mdnsNames);
    }

    /**
     * Adds a host candidate, as a 1:1 NAT may have it known.
     *
     * @param place how many others are better, each of which is preferred a little more
     */
    List<Candidate> addHost(InetSocketAddress host, InetSocketAddress base, int place) {
        int preference = freePreference(CandidateType.HOST, MAX_PREFERENCE - place);
        InetAddress own = host.getAddress();
        Optional<InetSocketAddress> external = externalOf(host);
        boolean isReplaced = external.isPresent() && natMapping.type() == CandidateType.HOST;
        Optional<Candidate> added =
                add(CandidateType.HOST, isReplaced ? external.get() : host, base, preference, own, null);
        Optional<Candidate> mapped = isReplaced
                ? Optional.empty()
                : external.flatMap(address ->
                        add(CandidateType.SERVER_REFLEXIVE, address, base, preference, address.getAddress(), host));
        return Stream.of(added, mapped).flatMap(Optional::stream).toList();
    }

    /** Adds what a STUN server saw, unless it adds nothing to what is known (RFC 8445 §5.1.3). */
    Optional<Candidate> addServerReflexive(LocalCandidate host, InetSocketAddress server, InetSocketAddress mapped) {
        boolean isUsable = mapped.getPort() != 0
                && !mapped.getAddress().isAnyLocalAddress()
                && !mapped.getAddress().isMulticastAddress()
                && host.isOfFamilyOf(mapped)
                // A server on this machine sees what no other machine could use.
                && (!mapped.getAddress().isLoopbackAddress()
                        || host.candidate().address().getAddress().isLoopbackAddress());
        if (!isUsable) {
            return Optional.empty();
        }
        InetSocketAddress before = mappings.put(new Vantage(host.base(), server), mapped);
        if (before != null && !mappings.containsValue(before)) {
            // The NAT has given this base another address: what comes to the one before goes nowhere.
            withdrawReflexive(host.base(), before);
        }
        return add(
                CandidateType.SERVER_REFLEXIVE,
                mapped,
                host.base(),
                host.localPreference(),
                server.getAddress(),
                host.candidate().address());
    }

    /** Adds what a relay gave, and over UDP what it saw; a connection that is not UDP is less of a relay. */
    List<Candidate> addRelayed(TurnAllocation allocation, TurnTransport transport) {
        List<Candidate> added = new ArrayList<>();
        for (InetSocketAddress relayed : ipv6First(allocation.relayed())) {
            add(
                            CandidateType.RELAYED,
                            relayed,
                            relayed,
                            freePreference(CandidateType.RELAYED, relayPreference(transport)),
                            transport + "|" + allocation.server().getAddress(),
                            allocation.mapped())
                    .ifPresent(added::add);
        }
        if (transport == TurnTransport.UDP) {
            hosts().stream()
                    .filter(host -> host.isOfFamilyOf(allocation.mapped()))
                    .findFirst()
                    .flatMap(host -> addServerReflexive(host, allocation.server(), allocation.mapped()))
                    .ifPresent(added::add);
        }
        return added;
    }

    /** The base is gone, and with it its candidates. */
    void withdraw(InetSocketAddress base) {
        remove(local -> local.base().equals(base));
        mappings.keySet().removeIf(vantage -> vantage.base().equals(base));
    }

    /** The host is gone from its base, and with it what was known through it. */
    void withdrawHost(InetSocketAddress host, InetSocketAddress base) {
        Set<InetSocketAddress> names = new HashSet<>(Set.of(host));
        externalOf(host).ifPresent(names::add);
        remove(local -> local.base().equals(base)
                && (names.contains(local.candidate().address())
                        || names.contains(local.candidate().relatedAddress())));
    }

    /** What servers have seen of the base is not what they would see now. */
    void withdrawReflexive(InetSocketAddress base) {
        List<InetSocketAddress> seen = mappings.entrySet().stream()
                .filter(mapping -> mapping.getKey().base().equals(base))
                .map(Map.Entry::getValue)
                .toList();
        mappings.keySet().removeIf(vantage -> vantage.base().equals(base));
        seen.forEach(mapped -> withdrawReflexive(base, mapped));
    }

    List<LocalCandidate> hosts() {
        return all.stream()
                .filter(local -> local.candidate().type() == CandidateType.HOST)
                .toList();
    }

    /** The candidates as the other side may know them. */
    List<Candidate> candidates() {
        return all.stream()
                .flatMap(local -> disclosure.of(local.candidate()).stream())
                .toList();
    }

    /**
     * One local candidate for each base that can reach the remote candidate: its best one, as a server-reflexive
     * candidate is checked from its base (RFC 8445 §6.1.2.4).
     */
    List<LocalCandidate> basesFor(Candidate remote) {
        return basesFor(remote, all);
    }

    /** The same for some of the local candidates. */
    static List<LocalCandidate> basesFor(Candidate remote, List<LocalCandidate> locals) {
        Map<InetSocketAddress, LocalCandidate> byBase = new HashMap<>();
        for (LocalCandidate local : locals) {
            if (mayPair(local, remote)) {
                byBase.merge(local.base(), local, LocalCandidates::better);
            }
        }
        return List.copyOf(byBase.values());
    }

    /**
     * Whether a pair of the two may be formed: no relay is to be told what address a name hides
     * (draft-ietf-mmusic-mdns-ice-candidates §4.2).
     */
    static boolean mayPair(LocalCandidate local, Candidate remote) {
        boolean isTold = local.candidate().type() == CandidateType.RELAYED && remote.isMdns();
        return local.isOfFamilyOf(remote.address()) && !isTold;
    }

    /** All candidates of those bases that have got one since this was asked last. */
    List<LocalCandidate> takeRenewed() {
        if (renewed.isEmpty()) {
            return List.of();
        }
        List<LocalCandidate> taken =
                all.stream().filter(local -> renewed.contains(local.base())).toList();
        renewed.clear();
        return taken;
    }

    /** How often some have gone: what tells whether any has. */
    int removed() {
        return removed;
    }

    /** The candidate with this address, if it is one without a relay. */
    Optional<LocalCandidate> directAt(InetSocketAddress address) {
        return all.stream()
                .filter(local -> local.candidate().address().equals(address)
                        && local.candidate().type() != CandidateType.RELAYED)
                .findFirst();
    }

    Optional<LocalCandidate> forBase(InetSocketAddress base, InetSocketAddress remote) {
        return all.stream()
                .filter(local -> local.base().equals(base) && local.isOfFamilyOf(remote))
                .reduce(LocalCandidates::better);
    }

    /** The candidate under which the other side sees a check: a known one or a peer-reflexive one (RFC 8445 §7.2.5.3.1). */
    Candidate seenAs(LocalCandidate sentFrom, InetSocketAddress mapped) {
        for (LocalCandidate local : all) {
            if (local.base().equals(sentFrom.base())
                    && local.candidate().address().equals(mapped)) {
                return local.candidate();
            }
        }
        if (mapped.getPort() == 0) {
            return sentFrom.candidate();
        }
        return new Candidate(
                foundation(CandidateType.PEER_REFLEXIVE, mapped.getAddress(), null),
                Candidate.priority(CandidateType.PEER_REFLEXIVE, sentFrom.localPreference()),
                mapped,
                CandidateType.PEER_REFLEXIVE,
                sentFrom.candidate().address());
    }

    private Optional<Candidate> add(
            CandidateType type,
            InetSocketAddress address,
            InetSocketAddress base,
            int preference,
            Object origin,
            InetSocketAddress related) {
        if (all.stream().anyMatch(local -> isKnown(local, address, base))) {
            return Optional.empty();
        }
        InetAddress interfaceAddress =
                related == null || type == CandidateType.RELAYED ? address.getAddress() : related.getAddress();
        Candidate candidate = new Candidate(
                foundation(type, interfaceAddress, origin),
                Candidate.priority(type, preference),
                address,
                type,
                related);
        all.add(new LocalCandidate(candidate, base, preference));
        renewed.add(base);
        return disclosure.of(candidate);
    }

    private void remove(Predicate<LocalCandidate> condition) {
        if (all.removeIf(condition)) {
            removed++;
        }
    }

    // One that the other side does not know by its address makes none redundant (RFC 8445 §5.1.3, draft-ietf-mmusic-
    // mdns-ice-candidates §3.1.2.2).
    private boolean isKnown(LocalCandidate local, InetSocketAddress address, InetSocketAddress base) {
        return local.base().equals(base)
                && disclosure
                        .of(local.candidate())
                        .map(Candidate::address)
                        .filter(address::equals)
                        .isPresent();
    }

    // By the interface's address, not by the base's: all host candidates share the one wildcard base, and with one
    // foundation for all of them every pair but one would start frozen.
    private String foundation(CandidateType type, InetAddress interfaceAddress, Object origin) {
        return foundations.computeIfAbsent(
                type + "|" + interfaceAddress + "|" + origin, key -> Integer.toString(foundations.size() + 1));
    }

    private static int relayPreference(TurnTransport transport) {
        return switch (transport) {
            case UDP -> MAX_PREFERENCE;
            case TCP -> MAX_PREFERENCE - TRANSPORT_PENALTY;
            case TLS -> MAX_PREFERENCE - 2 * TRANSPORT_PENALTY;
        };
    }

    // RFC 8445 §5.1.2.1: one of its own for each candidate of a type, over however many moves.
    private int freePreference(CandidateType type, int most) {
        Set<Integer> taken = all.stream()
                .filter(local -> local.candidate().type() == type)
                .map(LocalCandidate::localPreference)
                .collect(Collectors.toSet());
        return IntStream.iterate(most, preference -> preference - 1)
                .filter(preference -> !taken.contains(preference))
                .findFirst()
                .orElseThrow();
    }

    private Optional<InetSocketAddress> externalOf(InetSocketAddress host) {
        return natMapping.of(host.getAddress()).map(address -> new InetSocketAddress(address, host.getPort()));
    }

    private void withdrawReflexive(InetSocketAddress base, InetSocketAddress mapped) {
        remove(local -> local.candidate().type() == CandidateType.SERVER_REFLEXIVE
                && local.base().equals(base)
                && local.candidate().address().equals(mapped)
                && !externalOf(local.candidate().relatedAddress()).equals(Optional.of(mapped)));
    }

    // RFC 8421 §4: with two families for each relay, theirs take turns.
    private static List<InetSocketAddress> ipv6First(List<InetSocketAddress> addresses) {
        return addresses.stream()
                .sorted(Comparator.comparing(address -> address.getAddress() instanceof Inet4Address))
                .toList();
    }

    private static LocalCandidate better(LocalCandidate a, LocalCandidate b) {
        return b.candidate().priority() > a.candidate().priority() ? b : a;
    }
}
