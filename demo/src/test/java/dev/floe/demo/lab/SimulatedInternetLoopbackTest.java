package dev.floe.demo.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What comes to one socket comes in order: a datagram that is let in after one that must not be shows that the one before
 * was kept out.
 */
class SimulatedInternetLoopbackTest {

    private static final int TIMEOUT_SECONDS = 10;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private SimulatedInternet internet = new SimulatedInternet(Duration.ZERO);

    /** A channel on a host, and what it has heard: the text and from where. */
    private record Endpoint(Channel channel, BlockingQueue<Heard> heard) {

        void send(String text, InetSocketAddress to) {
            channel.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, UTF_8), to))
                    .syncUninterruptibly();
        }

        Heard next() throws InterruptedException {
            Heard next = heard.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            assertTrue(next != null, "nothing came");
            return next;
        }

        InetSocketAddress address() {
            return (InetSocketAddress) channel.localAddress();
        }
    }

    private record Heard(String text, InetSocketAddress from) {}

    @AfterEach
    void end() {
        group.shutdownGracefully(0, TIMEOUT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
        internet.close();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "UDP_BLOCKED"})
    void hidesTheInsideAddress(NatKind kind) throws Exception {
        Endpoint behind = open(internet.host(kind));
        Endpoint server = open(internet.host(NatKind.NONE));
        behind.send("out", server.address());
        InetSocketAddress mapped = server.next().from();
        assertNotEquals(behind.address().getAddress(), mapped.getAddress());
        server.send("to the inside address", behind.address());
        server.send("back", mapped);
        assertEquals(new Heard("back", server.address()), behind.next());
    }

    @Test
    void doesNothingWithoutANat() throws Exception {
        Endpoint host = open(internet.host(NatKind.NONE));
        Endpoint server = open(internet.host(NatKind.NONE));
        host.send("out", server.address());
        assertEquals(new Heard("out", host.address()), server.next());
        server.send("in", host.address());
        assertEquals("in", host.next().text());
    }

    @Test
    void aFullConeLetsEverybodyInOnceItIsOpen() throws Exception {
        Endpoint behind = open(internet.host(NatKind.FULL_CONE));
        InetSocketAddress mapped = mapped(behind, open(internet.host(NatKind.NONE)));
        Endpoint stranger = open(internet.host(NatKind.NONE));
        stranger.send("hello", mapped);
        assertEquals(new Heard("hello", stranger.address()), behind.next());
    }

    @Test
    void anAddressRestrictedConeLetsInAnyPortOfWhomItHasSentTo() throws Exception {
        Endpoint behind = open(internet.host(NatKind.ADDRESS_RESTRICTED));
        SimulatedHost friend = internet.host(NatKind.NONE);
        InetSocketAddress mapped = mapped(behind, open(friend));
        open(internet.host(NatKind.NONE)).send("stranger", mapped);
        Endpoint otherPort = open(friend);
        otherPort.send("other port", mapped);
        assertEquals(new Heard("other port", otherPort.address()), behind.next());
    }

    @Test
    void aPortRestrictedConeLetsInOnlyWhereItHasSentTo() throws Exception {
        Endpoint behind = open(internet.host(NatKind.PORT_RESTRICTED));
        SimulatedHost friend = internet.host(NatKind.NONE);
        Endpoint server = open(friend);
        InetSocketAddress mapped = mapped(behind, server);
        open(friend).send("other port", mapped);
        server.send("same port", mapped);
        assertEquals("same port", behind.next().text());
    }

    @ParameterizedTest
    @EnumSource(names = {"FULL_CONE", "ADDRESS_RESTRICTED", "PORT_RESTRICTED"})
    void aConeKeepsItsMapping(NatKind kind) throws Exception {
        Endpoint behind = open(internet.host(kind));
        assertEquals(
                mapped(behind, open(internet.host(NatKind.NONE))), mapped(behind, open(internet.host(NatKind.NONE))));
    }

    @Test
    void aSymmetricNatHasAMappingForEachDestination() throws Exception {
        Endpoint behind = open(internet.host(NatKind.SYMMETRIC));
        Endpoint first = open(internet.host(NatKind.NONE));
        Endpoint second = open(internet.host(NatKind.NONE));
        InetSocketAddress forFirst = mapped(behind, first);
        assertNotEquals(forFirst, mapped(behind, second));
        second.send("at the other's mapping", forFirst);
        first.send("at its own", forFirst);
        assertEquals("at its own", behind.next().text());
    }

    @Test
    void whatIsBlockedNeverLeaves() throws Exception {
        SimulatedHost host = internet.host(NatKind.UDP_BLOCKED);
        Endpoint server = open(internet.host(NatKind.NONE));
        open(host).send("blocked", server.address());
        open(internet.host(NatKind.NONE)).send("not blocked", server.address());
        assertEquals("not blocked", server.next().text());
    }

    @Test
    void aMoveGivesOtherPortsAndForgetsWhoWasSpokenTo() throws Exception {
        SimulatedHost host = internet.host(NatKind.ADDRESS_RESTRICTED);
        Endpoint behind = open(host);
        Endpoint server = open(internet.host(NatKind.NONE));
        InetSocketAddress before = mapped(behind, server);
        host.move();
        Endpoint other = open(internet.host(NatKind.NONE));
        InetSocketAddress after = mapped(behind, other);
        assertNotEquals(before, after);
        server.send("to the former port", before);
        server.send("not spoken to since", after);
        other.send("spoken to", after);
        assertEquals("spoken to", behind.next().text());
    }

    @Test
    void theStunServerSeesTheOuterSide() throws Exception {
        InetSocketAddress stun = internet.stunServer(group);
        SimulatedHost host = internet.host(NatKind.PORT_RESTRICTED);
        StunClientHandler client = new StunClientHandler();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), client);
                        host.attach(channel);
                    }
                })
                .bind(host.bindAddress())
                .sync()
                .channel();
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build();
        StunMessage response = client.request(request, stun).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        InetSocketAddress mapped =
                response.find(XorMappedAddress.class).orElseThrow().address();
        assertEquals(host.outside(), mapped.getAddress());
        assertNotEquals(channel.localAddress(), mapped);
    }

    @Test
    void aRoundTripTakesItsTimeAndKeepsTheOrder() throws Exception {
        Duration roundTrip = Duration.ofMillis(30);
        internet = new SimulatedInternet(roundTrip);
        Endpoint behind = open(internet.host(NatKind.PORT_RESTRICTED));
        Endpoint server = open(internet.host(NatKind.NONE));
        long before = System.nanoTime();
        List<String> sent = IntStream.range(0, 50).mapToObj(String::valueOf).toList();
        sent.forEach(text -> behind.send(text, server.address()));
        List<String> came = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            Heard heard = server.next();
            came.add(heard.text());
            server.send(heard.text(), heard.from());
        }
        assertEquals(sent, came);
        for (String text : sent) {
            assertEquals(text, behind.next().text());
        }
        assertTrue(System.nanoTime() - before >= roundTrip.toNanos());
    }

    @Test
    void whatIsUnderWayArrivesThoughItsSenderHasClosed() throws Exception {
        internet = new SimulatedInternet(Duration.ofMillis(30));
        Endpoint behind = open(internet.host(NatKind.FULL_CONE));
        Endpoint server = open(internet.host(NatKind.NONE));
        behind.send("the last one", server.address());
        behind.channel().close().sync();
        assertEquals("the last one", server.next().text());
    }

    @Test
    void aSeedLosesTheSameOnes() {
        List<Integer> lost = lost(7);
        assertEquals(lost, lost(7));
        assertNotEquals(lost, lost(8));
        // Of 400, a quarter; nine standard deviations off is no chance.
        assertTrue(lost.size() > 22 && lost.size() < 178, "lost " + lost.size());
    }

    private static List<Integer> lost(long seed) {
        try (SimulatedInternet lossy = new SimulatedInternet(Duration.ZERO, 0.25, seed)) {
            EmbeddedChannel channel = new EmbeddedChannel(lossy.link());
            List<Integer> lost = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                if (!channel.writeInbound(i)) {
                    lost.add(i);
                } else {
                    channel.readInbound();
                }
            }
            return lost;
        }
    }

    /** Sends to the server, and returns from where that comes. */
    private static InetSocketAddress mapped(Endpoint behind, Endpoint server) throws InterruptedException {
        behind.send("out", server.address());
        return server.next().from();
    }

    private Endpoint open(SimulatedHost host) {
        BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new SimpleChannelInboundHandler<DatagramPacket>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                                heard.add(new Heard(packet.content().toString(UTF_8), packet.sender()));
                            }
                        });
                        host.attach(channel);
                    }
                })
                .bind(host.bindAddress())
                .syncUninterruptibly()
                .channel();
        return new Endpoint(channel, heard);
    }
}
