package dev.floe.ice;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A machine's network as a test wants it. All prefixes have 24 or 64 bits; of the addresses of one network the system
 * prefers the one that is named first.
 */
final class FakeNetwork implements HostNetwork {

    private final AtomicInteger looks = new AtomicInteger();
    private volatile List<HostAddress> addresses = List.of();
    private volatile List<InetAddress> routed = List.of();

    static FakeNetwork of(String... addresses) {
        FakeNetwork network = new FakeNetwork();
        network.become(addresses);
        return network;
    }

    /** From now on the machine has these, the first of each family for the default route, unless it is in brackets. */
    void become(String... all) {
        addresses = Stream.of(all).map(FakeNetwork::parse).toList();
        routed = Stream.of(true, false)
                .map(isIpv4 -> Stream.of(all)
                        .filter(address -> address.contains(":") != isIpv4)
                        .findFirst()
                        .filter(address -> !address.startsWith("("))
                        .map(address -> parse(address).address())
                        .orElse(null))
                .filter(Objects::nonNull)
                .toList();
    }

    /** How often somebody has asked for the sources towards the default routes. */
    int looks() {
        return looks.get() / HostAddresses.ANYWHERE.size();
    }

    @Override
    public List<HostAddress> addresses() {
        return addresses;
    }

    @Override
    public Optional<InetAddress> sourceTo(InetSocketAddress destination) {
        if (HostAddresses.ANYWHERE.contains(destination)) {
            looks.incrementAndGet();
        }
        return addresses.stream()
                .map(HostAddress::address)
                .filter(address -> prefix(address).equals(prefix(destination.getAddress())))
                .findFirst()
                .or(() -> routed.stream()
                        .filter(address ->
                                address.getClass() == destination.getAddress().getClass())
                        .findFirst());
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static HostAddress parse(String text) {
        InetAddress address = address(text.replaceAll("[()]", ""));
        return new HostAddress(address, prefixBytes(address) * Byte.SIZE, false, null);
    }

    private static List<Byte> prefix(InetAddress address) {
        byte[] bytes = Arrays.copyOf(address.getAddress(), prefixBytes(address));
        Byte[] boxed = new Byte[bytes.length];
        Arrays.setAll(boxed, i -> bytes[i]);
        return List.of(boxed);
    }

    private static int prefixBytes(InetAddress address) {
        return address instanceof Inet4Address ? 3 : 8;
    }
}
