package dev.floe.stun.turn;

import static dev.floe.stun.turn.SessionBench.MAPPED;
import static dev.floe.stun.turn.SessionBench.PEER;
import static dev.floe.stun.turn.SessionBench.RELAYED;
import static dev.floe.stun.turn.SessionBench.SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.floe.stun.OctetString;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttribute.Data;
import dev.floe.stun.StunAttribute.Lifetime;
import dev.floe.stun.StunAttribute.Nonce;
import dev.floe.stun.StunAttribute.PasswordAlgorithm;
import dev.floe.stun.StunAttribute.Realm;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunAttribute.XorPeerAddress;
import dev.floe.stun.StunAttribute.XorRelayedAddress;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What passes, what is relayed, what is held and what is dropped. */
class TurnClientHandlerTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("198.51.100.1", 7);
    private static final InetSocketAddress STRANGER = new InetSocketAddress("192.0.2.66", 3478);
    private static final String BINDING = "0001000021 12a442 000000000000000000000000".replace(" ", "");

    private final TurnClientHandler handler =
            new TurnClientHandler(SessionBench.config(TurnTransport.UDP).build());
    private final List<TurnEvent> events = new ArrayList<>();
    private final EmbeddedChannel channel = new BoundChannel(handler, new ChannelInboundHandlerAdapter() {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add((TurnEvent) event);
        }
    });

    @AfterEach
    void close() {
        if (channel.pipeline().context(handler) != null) {
            channel.pipeline().remove(handler);
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void allocationIsReported() {
        Future<TurnAllocation> allocation = handler.allocate();
        assertThat(allocation.isDone()).isFalse();
        grantAllocation();

        TurnAllocation expected = new TurnAllocation(SERVER, List.of(RELAYED), MAPPED);
        assertThat(allocation.getNow()).isEqualTo(expected);
        assertThat(events).containsExactly(new TurnEvent.Allocated(expected));
        assertThat(handler.allocate().getNow()).isEqualTo(expected);
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void failureIsReported() {
        Future<TurnAllocation> allocation = handler.allocate();
        StunMessage request = sentMessage();
        receive(StunMessage.error(request, 508, "Insufficient Capacity").build());

        assertThat(allocation.cause())
                .hasMessage("the TURN server /192.0.2.1:3478 answered ALLOCATE with 508 Insufficient Capacity");
        assertThat(events).hasSize(1).first().isInstanceOf(TurnEvent.AllocationFailed.class);
    }

    @Test
    void datagramsWaitForThePermissionAndThenGoInTheirOrder() {
        allocated();
        for (int i = 0; i < 10; i++) {
            send("0" + i, RELAYED, PEER);
        }
        StunMessage createPermission = sentMessage();
        assertThat(createPermission.method()).isEqualTo(StunMethod.CREATE_PERMISSION);
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(handler.droppedOutbound()).isEqualTo(2);
        receive(StunMessage.success(createPermission).build());

        for (int i = 0; i < 8; i++) {
            assertThat(sentMessage().find(Data.class)).contains(data("0" + i));
        }
        StunMessage channelBind = sentMessage();
        assertThat(channelBind.method()).isEqualTo(StunMethod.CHANNEL_BIND);
        receive(StunMessage.success(channelBind).build());
        send("abcdef", RELAYED, PEER);
        assertThat(sentHex()).isEqualTo("40000003abcdef");
    }

    @Test
    void stunBindsNoChannel() {
        allocated();
        permit();
        send(BINDING, RELAYED, PEER);

        StunMessage indication = sentMessage();
        assertThat(indication.method()).isEqualTo(StunMethod.SEND);
        assertThat(indication.find(XorPeerAddress.class)).contains(new XorPeerAddress(PEER));
        assertThat(indication.find(Data.class)).contains(data(BINDING));
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void refusedPeerGetsNothing() {
        allocated();
        send("01", RELAYED, PEER);
        receive(StunMessage.error(sentMessage(), 403, "Forbidden").build());
        send("02", RELAYED, PEER);

        assertThat(handler.droppedOutbound()).isEqualTo(1);
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(events.get(1)).isInstanceOf(TurnEvent.PeerRefused.class);
    }

    @Test
    void dataOfAPeerComesAsAnOrdinaryDatagram() {
        allocated();
        permit();
        receive(indication(PEER, "0102"));

        DatagramPacket packet = channel.readInbound();
        assertThat(packet.sender()).isEqualTo(PEER);
        assertThat(packet.recipient()).isEqualTo(RELAYED);
        assertThat(ByteBufUtil.hexDump(packet.content())).isEqualTo("0102");
        assertThat(packet.content().getByte(0)).isEqualTo((byte) 1);
        assertThat(packet.release()).isTrue();
    }

    @Test
    void dataOnAChannelComesAsAnOrdinaryDatagram() {
        bound();
        receiveHex("40000003abcdef00", SERVER);

        DatagramPacket packet = channel.readInbound();
        assertThat(packet.sender()).isEqualTo(PEER);
        assertThat(packet.recipient()).isEqualTo(RELAYED);
        assertThat(ByteBufUtil.hexDump(packet.content())).isEqualTo("abcdef");
        assertThat(packet.release()).isTrue();
    }

    @Test
    void whatTheServerMustNotSendIsDroppedAndCounted() {
        bound();
        receive(indication(STRANGER, "0102"));
        receive(indication(new InetSocketAddress("2001:db8::1", 1), "0102"));
        receive(StunMessage.indication(StunMethod.DATA, TransactionId.random(new Random(1)))
                .build());
        receiveHex("40010003abcdef", SERVER);
        receiveHex("40000004abcdef", SERVER);
        receiveHex("4000", SERVER);
        receiveHex("0113000021 12a442 000000000000000000000001".replace(" ", ""), SERVER);
        receiveHex("0113000421 12a442 000000000000000000000001 ffffffff".replace(" ", ""), SERVER);

        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(handler.droppedInbound()).isEqualTo(8);
    }

    @Test
    void everythingElsePasses() {
        bound();
        for (InetSocketAddress sender : List.of(SERVER, PEER)) {
            assertPasses(BINDING, sender);
            assertPasses("0101000021 12a442 000000000000000000000000".replace(" ", ""), sender);
            assertPasses("c0ffee", sender);
            assertPasses("50", sender);
            assertPasses("", sender);
        }
        assertPasses("40000003abcdef", PEER);
        channel.writeInbound("other");
        assertThat(channel.<Object>readInbound()).isEqualTo("other");

        channel.writeOutbound("other");
        assertThat(channel.<Object>readOutbound()).isEqualTo("other");
        for (InetSocketAddress base : new InetSocketAddress[] {null, LOCAL}) {
            DatagramPacket packet = new DatagramPacket(Unpooled.EMPTY_BUFFER, PEER, base);
            channel.writeOutbound(packet);
            assertThat(channel.<Object>readOutbound()).isSameAs(packet);
        }
        assertThat(handler.droppedInbound()).isZero();
    }

    @Test
    void beforeAnAllocationEverythingPasses() {
        assertPasses("40000003abcdef", SERVER);
        assertPasses("0113000021 12a442 000000000000000000000001".replace(" ", ""), SERVER);
    }

    @Test
    void whatCannotBeRelayedIsDroppedAndCounted() {
        allocated();
        send("01", RELAYED, new InetSocketAddress("2001:db8::1", 1));
        send("01", RELAYED, InetSocketAddress.createUnresolved("peer.example", 1));
        send("00".repeat(65_500), RELAYED, PEER);

        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(handler.droppedOutbound()).isEqualTo(3);
    }

    @Test
    void lostRelayedAddressSendsNothingFromElsewhere() {
        allocated();
        send("01", RELAYED, PEER);
        receive(StunMessage.error(sentMessage(), 437, "Allocation Mismatch").build());
        assertThat(events.get(1)).isInstanceOf(TurnEvent.AllocationLost.class);
        send("01", RELAYED, PEER);

        assertThat(handler.droppedOutbound()).isEqualTo(1);
        channel.runPendingTasks();
        assertThat(sentMessage().method()).isEqualTo(StunMethod.ALLOCATE);
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void closeReleasesTheAllocationBeforeTheChannel() {
        allocated();
        ChannelFuture closed = channel.close();
        ChannelFuture closedToo = channel.close();
        StunMessage release = sentMessage();
        assertThat(release.find(Lifetime.class)).contains(new Lifetime(0));
        send("01", RELAYED, PEER);
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(handler.droppedOutbound()).isEqualTo(1);
        assertThat(channel.isOpen()).isTrue();
        receive(StunMessage.error(release, 438, "Stale Nonce")
                .add(new Realm("r"))
                .add(new Nonce("n"))
                .build());
        StunMessage again = sentMessage();
        assertThat(again.find(Nonce.class)).contains(new Nonce("n"));
        receive(StunMessage.success(again)
                .sign(StunKey.longTerm("alice", "r", "secret", PasswordAlgorithm.MD5))
                .build());

        assertThat(channel.isOpen()).isFalse();
        assertThat(closed.isSuccess()).isTrue();
        assertThat(closedToo.isSuccess()).isTrue();
    }

    @Test
    void closeDoesNotWaitWithoutAnAllocation() {
        assertThat(channel.close().isSuccess()).isTrue();
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void closeReleasesAlsoWhatTheServerMayBeAllocating() {
        assertThat(handler.allocate().isDone()).isFalse();
        sentMessage();

        assertThat(channel.close().isSuccess()).isTrue();
        StunMessage release = sentMessage();
        assertThat(release.method()).isEqualTo(StunMethod.REFRESH);
        assertThat(release.find(Lifetime.class)).contains(new Lifetime(0));
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void removalEndsTheWaitOfAClose() {
        allocated();
        ChannelFuture closed = channel.close();
        assertThat(closed.isDone()).isFalse();
        channel.pipeline().remove(handler);

        assertThat(closed.isSuccess()).isTrue();
    }

    @Test
    void removalReleasesTheAllocation() {
        allocated();
        channel.pipeline().remove(handler);

        assertThat(sentMessage().find(Lifetime.class)).contains(new Lifetime(0));
        assertPasses("40000003abcdef", SERVER);
    }

    @Test
    void removalFailsWhatIsUnderWay() {
        Future<TurnAllocation> allocation = handler.allocate();
        sentMessage();
        channel.pipeline().remove(handler);

        assertThat(allocation.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void secondHandlerForTheSameServerIsRefused() {
        allocated();
        TurnClientHandler second =
                new TurnClientHandler(SessionBench.config(TurnTransport.UDP).build());
        channel.pipeline().addLast(second);

        assertThat(second.allocate().cause())
                .hasMessage("another handler of this channel relays through /192.0.2.1:3478");
        assertThat(channel.<Object>readOutbound()).isNull();
    }

    @Test
    void connectionForWhichThereIsNoSocketFailsTheAllocation() {
        TurnClientHandler overTcp =
                new TurnClientHandler(SessionBench.config(TurnTransport.TCP).build());
        channel.pipeline().addLast(overTcp);
        // An embedded channel's loop, as one of epoll, drives no NIO sockets.
        Future<TurnAllocation> allocation = overTcp.allocate();
        channel.runPendingTasks();

        assertThat(allocation.cause())
                .isInstanceOf(TurnException.class)
                .hasMessageStartingWith("no connection to the TURN server /192.0.2.1:3478");
    }

    @Test
    void handlerWithoutABoundChannelSaysSo() {
        TurnClientHandler lonely =
                new TurnClientHandler(SessionBench.config(TurnTransport.UDP).build());
        assertThatIllegalStateException().isThrownBy(lonely::allocate).withMessageContaining("in no pipeline yet");
        lonely.moved();

        EmbeddedChannel unbound = new EmbeddedChannel(lonely);
        assertThat(lonely.allocate().cause()).hasMessage("the channel is not bound yet");
        unbound.finishAndReleaseAll();
    }

    private void allocated() {
        assertThat(handler.allocate().isDone()).isFalse();
        grantAllocation();
    }

    private void grantAllocation() {
        receive(StunMessage.success(sentMessage())
                .add(new XorRelayedAddress(RELAYED))
                .add(new XorMappedAddress(MAPPED))
                .build());
    }

    private void permit() {
        send(BINDING, RELAYED, PEER);
        receive(StunMessage.success(sentMessage()).build());
        sentMessage();
    }

    private void bound() {
        allocated();
        permit();
        send("01", RELAYED, PEER);
        sentMessage();
        receive(StunMessage.success(sentMessage()).build());
    }

    private void send(String hex, InetSocketAddress base, InetSocketAddress peer) {
        channel.writeOutbound(new DatagramPacket(buffer(hex), peer, base));
    }

    private void receive(StunMessage message) {
        channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(message.toByteArray()), LOCAL, SERVER));
    }

    private void receiveHex(String hex, InetSocketAddress sender) {
        channel.writeInbound(new DatagramPacket(buffer(hex), LOCAL, sender));
    }

    private void assertPasses(String hex, InetSocketAddress sender) {
        DatagramPacket packet = new DatagramPacket(buffer(hex), LOCAL, sender);
        channel.writeInbound(packet);
        assertThat(channel.<Object>readInbound()).isSameAs(packet);
        packet.release();
    }

    private StunMessage sentMessage() {
        DatagramPacket packet = channel.readOutbound();
        assertThat(packet).isNotNull();
        assertThat(packet.recipient()).isEqualTo(SERVER);
        try {
            return StunMessage.decode(packet.content());
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            packet.release();
        }
    }

    private String sentHex() {
        DatagramPacket packet = channel.readOutbound();
        String hex = ByteBufUtil.hexDump(packet.content());
        packet.release();
        return hex;
    }

    private static StunMessage indication(InetSocketAddress peer, String hex) {
        StunAttribute[] attributes = {new XorPeerAddress(peer), data(hex)};
        StunMessage.Builder builder = StunMessage.indication(StunMethod.DATA, TransactionId.random(new Random(1)));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        return builder.build();
    }

    private static Data data(String hex) {
        return new Data(OctetString.of(HexFormat.of().parseHex(hex)));
    }

    private static ByteBuf buffer(String hex) {
        return Unpooled.buffer().writeBytes(HexFormat.of().parseHex(hex));
    }

    /** One that has a local address as a datagram channel has. */
    private static final class BoundChannel extends EmbeddedChannel {
        BoundChannel(ChannelHandler... handlers) {
            super(handlers);
        }

        @Override
        protected SocketAddress localAddress0() {
            return LOCAL;
        }
    }
}
