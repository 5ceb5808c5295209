package dev.floe.ice.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.testing.NioLoops;
import dev.floe.testing.Requirement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over the real port and the real groups of multicast DNS, on the loopback interface alone. */
@Timeout(60)
class MdnsLoopbackTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final EventLoopGroup group = NioLoops.create(1);
    private final EventLoop loop = group.next();
    private final String name = UUID.randomUUID() + ".local";
    private Mdns asking;
    private Mdns answering;

    @BeforeEach
    void open() throws Exception {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(LOOPBACK);
        asking = get(Mdns.open(loop, loopback::equals, Runnable::run), "no multicast over loopback");
        answering = get(Mdns.open(loop, loopback::equals, Runnable::run), "no multicast over loopback");
    }

    @AfterEach
    void stop() {
        loop.submit(() -> {
                    asking.close();
                    answering.close();
                })
                .syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void registeredNameIsResolved() throws Exception {
        InetAddress address = InetAddress.getByName("10.1.2.3");
        loop.submit(() -> answering.register(name, address)).sync();

        assertThat(get(resolve(name))).isEqualTo(address);
    }

    // The group's successor in Netty 4.2 is not in 4.1.
    @SuppressWarnings("deprecation")
    @Test
    void eventLoopOfAnotherTransportHasNoMulticast() throws Exception {
        EventLoopGroup other = new DefaultEventLoopGroup(1);
        NetworkInterface loopback = NetworkInterface.getByInetAddress(LOOPBACK);

        Future<Mdns> opened = Mdns.open(other.next(), loopback::equals, Runnable::run);

        assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(opened.cause()).isInstanceOf(IOException.class);
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void ipv6AddressAndUpperCaseAreResolved() throws Exception {
        InetAddress address = InetAddress.getByName("2001:db8::7");
        loop.submit(() -> answering.register(name, address)).sync();

        assertThat(get(resolve(name.toUpperCase(Locale.ROOT)))).isEqualTo(address);
    }

    @Test
    void nameThatIsRegisteredLaterIsAnnounced() throws Exception {
        Future<InetAddress> resolved = resolve(name);
        loop.submit(() -> answering.register(name, LOOPBACK)).sync();

        assertThat(get(resolved)).isEqualTo(LOOPBACK);
    }

    @Test
    void nameThatNobodyHasIsGivenUp() {
        assertThatThrownBy(() -> get(resolve(name)))
                .hasCauseInstanceOf(UnknownHostException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    void noMoreNamesAreLookedForThanTheBound() throws Exception {
        for (int i = 0; i < MdnsResolver.MAX_NAMES; i++) {
            assertThat(resolve(UUID.randomUUID() + ".local").isDone()).isFalse();
        }

        assertThatThrownBy(() -> get(resolve(name))).hasMessageContaining("more than 32");
    }

    @Test
    void responseFromAnotherPortIsNotBelieved() throws Exception {
        Future<InetAddress> resolved = resolve(name);
        try (DatagramSocket stranger = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            toTheGroup(
                    stranger,
                    ByteBufUtil.getBytes(MdnsMessage.answer(name, LOOPBACK).encode()));
        }
        loop.submit(() -> answering.register(name, LOOPBACK)).sync();

        assertThat(get(resolved)).isEqualTo(LOOPBACK);
    }

    @Test
    void queryFromAnotherPortIsAnsweredToThere() throws Exception {
        loop.submit(() -> answering.register(name, LOOPBACK)).sync();
        try (DatagramSocket legacy = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            toTheGroup(legacy, bytes(MdnsMessage.query(name)));
            DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
            legacy.setSoTimeout(5000);
            legacy.receive(answer);

            assertThat(MdnsMessage.decode(Unpooled.wrappedBuffer(answer.getData(), 0, answer.getLength()))
                            .orElseThrow()
                            .answers())
                    .containsExactly(new MdnsMessage.Answer(name, LOOPBACK, 10, false));
        }
    }

    @Test
    void junkDisturbsNothing() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (DatagramSocket hostile = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            for (int i = 0; i < 200; i++) {
                byte[] junk = new byte[random.nextInt(200)];
                random.nextBytes(junk);
                toTheGroup(hostile, junk);
            }
        }
        loop.submit(() -> answering.register(name, LOOPBACK)).sync();

        assertThat(get(resolve(name))).isEqualTo(LOOPBACK);
    }

    @Test
    void linksOfThisMachineHoldItsOwnAddressesAndNoOthers() throws Exception {
        MdnsLinks links = MdnsLinks.find(any -> true);

        assertThat(links.interfaces()).isNotEmpty();
        assertThat(links.isOnLink(LOOPBACK)).isTrue();
        assertThat(links.isOnLink(InetAddress.getByName("fe80::1"))).isTrue();
        assertThat(links.isOnLink(InetAddress.getByName("198.51.100.200"))).isFalse();
    }

    private Future<InetAddress> resolve(String name) throws Exception {
        return loop.submit(() -> asking.resolve(name)).get();
    }

    private static byte[] bytes(MdnsMessage message) {
        ByteBuf encoded = message.encode();
        try {
            return ByteBufUtil.getBytes(encoded);
        } finally {
            encoded.release();
        }
    }

    private static void toTheGroup(DatagramSocket from, byte[] message) throws Exception {
        from.setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByInetAddress(LOOPBACK));
        from.send(new DatagramPacket(message, message.length, MdnsGroup.IPV4.address()));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Mdns get(Future<Mdns> opened, String unless) throws Exception {
        if (!opened.await(20, TimeUnit.SECONDS) || !opened.isSuccess()) {
            Requirement.missing(unless, opened.cause());
        }
        return opened.getNow();
    }
}
