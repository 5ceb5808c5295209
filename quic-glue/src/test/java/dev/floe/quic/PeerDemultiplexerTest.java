package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerDemultiplexerTest {

    private static final InetSocketAddress BASE = new InetSocketAddress("192.0.2.1", 5000);
    private static final InetSocketAddress BOB = new InetSocketAddress("198.51.100.1", 6000);
    private static final InetSocketAddress STRANGER = new InetSocketAddress("203.0.113.9", 7000);
    private static final StunKey KEY = StunKey.shortTerm("0123456789abcdefghijkl");

    private final SplittableRandom random = new SplittableRandom(7);
    private final AtomicLong now = new AtomicLong();
    private final PeerConnectionIds ids = new PeerConnectionIds();
    private final PeerDemultiplexer demultiplexer = new PeerDemultiplexer(ids, now::get);
    private final EmbeddedChannel port = new EmbeddedChannel(demultiplexer);
    private final Map<PeerChannel, Integer> read = new HashMap<>();
    private PeerChannel alice;
    private PeerChannel carol;

    @BeforeEach
    void join() {
        alice = joined(0xA11CE);
        carol = joined(0xCA201);
        demultiplexer.known(alice, Set.of("alice1", "alice2"));
        demultiplexer.known(carol, Set.of("carol1"));
    }

    @AfterEach
    void finish() {
        port.finishAndReleaseAll();
    }

    @Test
    void requestGoesToTheAgentThatItNames() {
        receive(check("alice1:bob"), STRANGER);
        receive(check("alice2:bob"), STRANGER);
        receive(check("carol1:bob"), STRANGER);

        assertRead(2, 1);
    }

    @Test
    void fragmentsThatAreGoneNameNobodyAndThoseThatCameDo() {
        demultiplexer.known(alice, Set.of("alice2", "alice3"));

        receive(check("alice1:bob"), BOB);
        receive(check("alice3:bob"), BOB);

        assertRead(1, 0);
        assertThat(demultiplexer.dropped()).isEqualTo(1);
    }

    @Test
    void nobodyTakesOverTheFragmentOfAnother() {
        demultiplexer.known(carol, Set.of("carol1", "alice1"));
        receive(check("alice1:bob"), BOB);
        demultiplexer.known(carol, Set.of());
        receive(check("alice1:bob"), BOB);

        assertRead(2, 0);
    }

    @Test
    void requestThatNamesNobodyIsDropped() {
        receive(check("mallory:bob"), BOB);
        receive(check(""), BOB);
        receive(check(":alice1"), BOB);
        receive(StunMessage.request(StunMethod.BINDING, id()).build(), BOB);
        receive(StunMessage.indication(StunMethod.ALLOCATE, id()).build(), BOB);

        assertRead(0, 0);
        assertThat(demultiplexer.dropped()).isEqualTo(5);
    }

    @Test
    void keepaliveIsReleasedAndNotCounted() {
        DatagramPacket keepalive = datagram(
                Unpooled.wrappedBuffer(
                        StunMessage.indication(StunMethod.BINDING, id()).build().toByteArray()),
                BOB);

        port.writeInbound(keepalive);

        assertRead(0, 0);
        assertThat(keepalive.refCnt()).isZero();
        assertThat(demultiplexer.dropped()).isZero();
    }

    @Test
    void responseGoesToTheAgentThatHasAsked() {
        StunMessage asked = check("bob:alice1");
        send(alice, asked);

        receive(StunMessage.success(asked).build(), STRANGER);
        // The true one may follow a forged one.
        receive(StunMessage.error(asked, 400, "Bad Request").build(), BOB);
        receive(StunMessage.success(check("bob:alice1")).build(), BOB);

        assertRead(2, 0);
        assertThat(demultiplexer.dropped()).isEqualTo(1);
    }

    @Test
    void requestIsForgottenWhenNobodyWaitsForItsAnswer() {
        StunMessage asked = check("bob:alice1");
        send(alice, asked);
        now.addAndGet(Duration.ofSeconds(40).toNanos());
        send(carol, check("bob:carol1"));

        receive(StunMessage.success(asked).build(), BOB);

        assertRead(0, 0);
    }

    @Test
    void whatIsMadeForAPeerIsThatPeersWhereverItComesFrom() {
        receive(shortHeader(idFor(alice)), STRANGER);
        receive(longHeader(idFor(carol)), STRANGER);

        assertRead(1, 1);
    }

    @Test
    void clientsFirstDatagramsAreToldByTheirSource() {
        demultiplexer.addresses().heard(carol, BOB);

        receive(longHeader(clientsId(8)), BOB);
        receive(longHeader(clientsId(20)), BOB);
        receive(longHeader(clientsId(8)), STRANGER);
        receive(shortHeader(clientsId(20)), BOB);

        assertRead(0, 2);
        assertThat(demultiplexer.dropped()).isEqualTo(2);
    }

    @Test
    void peerThatHasAnsweredGoesBeforeOneThatOnlyClaimsItsAddress() {
        demultiplexer.addresses().heard(alice, BOB);
        demultiplexer.addresses().heard(carol, BOB);
        demultiplexer.addresses().proven(carol, BOB);
        receive(longHeader(clientsId(8)), BOB);
        demultiplexer.addresses().heard(alice, BOB);
        receive(longHeader(clientsId(8)), BOB);
        demultiplexer.addresses().forget(carol);
        receive(longHeader(clientsId(8)), BOB);

        assertRead(1, 2);
    }

    @Test
    void clientsIdIsItsFirstUsers() {
        ByteBuf id = clientsId(20);
        demultiplexer.toCodec(alice, datagram(longHeader(id.duplicate()), BOB));
        demultiplexer.toCodec(carol, datagram(longHeader(id.duplicate()), BOB));
        demultiplexer.toCodec(alice, datagram(longHeader(id.duplicate()), BOB));

        assertThat(port.inboundMessages()).hasSize(2);
        assertThat(demultiplexer.dropped()).isEqualTo(1);
    }

    @Test
    void codecHearsNoDatagramOfOnePeerInTheConnectionOfAnother() {
        demultiplexer.toCodec(alice, datagram(shortHeader(idFor(carol)), BOB));
        demultiplexer.toCodec(alice, datagram(longHeader(idFor(carol)), BOB));
        demultiplexer.toCodec(alice, datagram(shortHeader(idFor(alice)), BOB));

        assertThat(demultiplexer.dropped()).isEqualTo(2);
        assertThat(port.inboundMessages()).hasSize(1);
    }

    @Test
    void codecsDatagramForNobodyIsReleasedAndItsPromiseKept() {
        ByteBuf content = Unpooled.buffer(1).writeByte(0x40);
        ChannelFuture written =
                port.writeAndFlush(new DatagramPacket(content, new InetSocketAddress("100::dead", 1), BASE));

        assertThat(written.isSuccess()).isTrue();
        assertThat(content.refCnt()).isZero();
        assertThat(port.outboundMessages()).isEmpty();
    }

    @Test
    void malformedInputIsDroppedAndCounted() {
        receive(Unpooled.EMPTY_BUFFER, BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {0}), BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {0, 1, 0, 4, 0x21, 0x12, (byte) 0xA4, 0x42}), BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {0x40}), BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {(byte) 0xC0, 0, 0, 0, 1}), BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {(byte) 0xC0, 0, 0, 0, 1, 20, 1}), BOB);
        receive(Unpooled.wrappedBuffer(new byte[] {(byte) 0x80, 1, 2, 3}), BOB);
        port.writeInbound("no datagram at all");

        assertRead(0, 0);
        assertThat(demultiplexer.dropped()).isEqualTo(8);
    }

    @Test
    void noiseThrowsNothing() {
        demultiplexer.addresses().heard(alice, BOB);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(0, 64)];
            random.nextBytes(noise);
            receive(Unpooled.wrappedBuffer(noise), BOB);
        }
        port.checkException();
    }

    @Test
    void floodOfMadeUpNamesAndIdsGrowsNothing() {
        demultiplexer.addresses().heard(alice, BOB);
        int before = demultiplexer.size();
        for (int i = 0; i < 10_000; i++) {
            InetSocketAddress sender = new InetSocketAddress("203.0.113." + i % 256, 1024 + i);
            receive(check("flood" + i + ":bob"), sender);
            receive(StunMessage.success(check("bob:alice1")).build(), sender);
            receive(longHeader(clientsId(8)), sender);
            receive(shortHeader(clientsId(20)), sender);
        }

        assertThat(demultiplexer.size()).isEqualTo(before);
        assertThat(demultiplexer.dropped()).isEqualTo(40_000);
    }

    @Test
    void onePeerTakesABoundedShare() {
        for (int i = 0; i < 1_000; i++) {
            demultiplexer.addresses().heard(alice, new InetSocketAddress("203.0.113.9", 1024 + i));
            demultiplexer.toCodec(alice, datagram(longHeader(clientsId(8)), BOB));
        }

        assertThat(demultiplexer.addresses().size()).isEqualTo(PeerAddresses.MAX_OF_PEER);
        assertThat(port.inboundMessages()).hasSize(FirstConnectionIds.MAX_OF_PEER);
    }

    @Test
    void idsMadeUpAfterThePeersOwnBeginNoMoreConnectionsThanOthers() {
        ByteBuf first = clientsId(8);
        ByteBuf issued = idFor(alice);
        demultiplexer.toCodec(alice, datagram(longHeader(first.duplicate()), BOB));
        demultiplexer.toCodec(alice, datagram(longHeader(issued.duplicate()), BOB));
        for (int i = 0; i < 1_000; i++) {
            demultiplexer.toCodec(alice, datagram(longHeader(idFor(alice)), BOB));
        }
        assertThat(port.inboundMessages()).hasSize(FirstConnectionIds.MAX_OF_PEER);

        demultiplexer.toCodec(alice, datagram(longHeader(first), BOB));
        demultiplexer.toCodec(alice, datagram(longHeader(issued), BOB));
        demultiplexer.toCodec(alice, datagram(shortHeader(idFor(alice)), BOB));
        demultiplexer.toCodec(carol, datagram(longHeader(clientsId(8)), BOB));
        assertThat(port.inboundMessages()).hasSize(FirstConnectionIds.MAX_OF_PEER + 4);
    }

    @Test
    void peerThatLeavesLeavesNothingBehind() {
        int before = demultiplexer.size();
        PeerChannel passing = joined(0xDA5E);
        demultiplexer.known(passing, Set.of("dave1", "dave2"));
        demultiplexer.addresses().proven(passing, BOB);
        demultiplexer.toCodec(passing, datagram(longHeader(clientsId(8)), BOB));

        passing.close();

        assertThat(demultiplexer.size()).isEqualTo(before);
        receive(check("dave1:bob"), BOB);
        receive(shortHeader(idFor(passing)), BOB);
        assertThat(read).doesNotContainKey(passing);
    }

    @Test
    void nothingIsKeptOfAPeerThatHasLeft() {
        int before = demultiplexer.size();
        PeerChannel passing = joined(0xDA5E);
        StunMessage asked = check("bob:dave1");
        send(passing, asked);
        assertThat(demultiplexer.size()).isEqualTo(before + 1);
        IceHandler ice = new IceHandler(IceConfig.of(IceRole.CONTROLLING, List.of()));
        PeerEventsHandler events = new PeerEventsHandler(demultiplexer, passing, ice);
        EmbeddedChannel channel = new EmbeddedChannel(ice, events);

        passing.close();
        CandidatePair pair = TestPaths.pair(BASE, BOB);
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairAuthenticated(pair));
        channel.pipeline().fireUserEventTriggered(new IceEvent.PairValidated(pair, Duration.ofMillis(1)));
        demultiplexer.toCodec(passing, datagram(longHeader(clientsId(8)), BOB));
        receive(StunMessage.success(asked).build(), BOB);
        receive(longHeader(clientsId(8)), BOB);

        assertThat(demultiplexer.size()).isEqualTo(before);
        assertThat(demultiplexer.dropped()).isEqualTo(3);
        assertThat(port.inboundMessages()).isEmpty();
        assertThat(read).doesNotContainKey(passing);
        channel.finishAndReleaseAll();
    }

    private PeerChannel joined(long label) {
        PeerChannel peer = new PeerChannel(demultiplexer, label);
        port.eventLoop().register(peer);
        port.runPendingTasks();
        peer.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                read.merge(peer, 1, Integer::sum);
                ReferenceCountUtil.release(message);
            }
        });
        return peer;
    }

    private void assertRead(int byAlice, int byCarol) {
        assertThat(read.getOrDefault(alice, 0)).as("for alice").isEqualTo(byAlice);
        assertThat(read.getOrDefault(carol, 0)).as("for carol").isEqualTo(byCarol);
    }

    private void receive(StunMessage message, InetSocketAddress sender) {
        receive(Unpooled.wrappedBuffer(message.toByteArray()), sender);
    }

    private void receive(ByteBuf content, InetSocketAddress sender) {
        port.writeInbound(datagram(content, sender));
    }

    private void send(PeerChannel peer, StunMessage message) {
        peer.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(message.toByteArray()), BOB));
        ReferenceCountUtil.release(port.readOutbound());
    }

    private StunMessage check(String username) {
        return StunMessage.request(StunMethod.BINDING, id())
                .add(new Username(username))
                .sign(KEY)
                .fingerprint()
                .build();
    }

    private TransactionId id() {
        return TransactionId.random(random);
    }

    private ByteBuf idFor(PeerChannel peer) {
        ids.makeFor(peer);
        return Unpooled.wrappedBuffer(ids.newId(clientsId(8).nioBuffer(), PeerConnectionIds.LENGTH));
    }

    private ByteBuf clientsId(int length) {
        byte[] id = new byte[length];
        random.nextBytes(id);
        return Unpooled.wrappedBuffer(id);
    }

    private static ByteBuf shortHeader(ByteBuf id) {
        return Unpooled.buffer().writeByte(0x40).writeBytes(id).writeZero(20);
    }

    private static ByteBuf longHeader(ByteBuf id) {
        return Unpooled.buffer()
                .writeByte(0xC0)
                .writeInt(1)
                .writeByte(id.readableBytes())
                .writeBytes(id)
                .writeZero(20);
    }

    private static DatagramPacket datagram(ByteBuf content, InetSocketAddress sender) {
        return new DatagramPacket(content, BASE, sender);
    }
}
