package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerChannelTest {

    private static final InetSocketAddress FAR = new InetSocketAddress("198.51.100.2", 6000);

    private final PeerDemultiplexer demultiplexer = new PeerDemultiplexer(new PeerConnectionIds(), System::nanoTime);
    private final EmbeddedChannel port = new EmbeddedChannel(demultiplexer);

    @AfterEach
    void finish() {
        port.finishAndReleaseAll();
    }

    @Test
    void hasTheAddressAndTheEventLoopOfItsPort() {
        PeerChannel peer = joined(7);

        assertThat(peer.parent()).isSameAs(port);
        assertThat(peer.localAddress()).isEqualTo(port.localAddress());
        assertThat(peer.eventLoop()).isSameAs(port.eventLoop());
        assertThat(peer.isActive()).isTrue();
        assertThat(peer.isWritable()).isTrue();
    }

    @Test
    void whatIsWrittenLeavesByThePort() {
        PeerChannel peer = joined(7);
        ChannelFuture written = peer.writeAndFlush(packet());

        DatagramPacket sent = port.readOutbound();
        assertThat(sent.recipient()).isEqualTo(FAR);
        assertThat(written.isSuccess()).isTrue();
        sent.release();
        assertThat(sent.refCnt()).isZero();
    }

    /** QUIC goes on sending when it hears that the last datagram has gone. */
    @Test
    void whatIsFlushedWhenAPromiseIsKeptLeavesToo() {
        PeerChannel peer = joined(7);
        peer.write(packet()).addListener(first -> peer.writeAndFlush(packet()));
        peer.flush();

        assertThat(port.outboundMessages()).hasSize(2);
    }

    @Test
    void whatThePortCannotSendFailsThePromise() {
        PeerChannel peer = joined(7);
        IOException unreachable = new IOException("network is unreachable");
        port.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(unreachable);
            }
        });
        DatagramPacket packet = packet();

        assertThat(peer.writeAndFlush(packet).cause()).isSameAs(unreachable);
        assertThat(packet.refCnt()).isZero();
        assertThat(peer.isActive()).isTrue();
    }

    @Test
    void voidPromiseThatFailsIsAnExceptionInThePeersPipelineAlone() {
        PeerChannel peer = joined(7);
        List<Throwable> caught = new ArrayList<>();
        peer.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                caught.add(cause);
            }
        });
        port.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new IOException("network is unreachable"));
            }
        });

        peer.writeAndFlush(packet(), peer.voidPromise());

        assertThat(caught).hasSize(1);
        port.checkException();
    }

    @Test
    void closeReleasesWhatWasNotFlushedAndClosesNothingElse() {
        PeerChannel peer = joined(7);
        PeerChannel other = joined(8);
        DatagramPacket packet = packet();
        ChannelFuture written = peer.write(packet);

        peer.close();

        assertThat(packet.refCnt()).isZero();
        assertThat(written.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(demultiplexer.peers()).containsExactly(other);
        assertThat(port.isActive()).isTrue();
        assertThat(other.isActive()).isTrue();
        assertThat(peer.isActive()).isFalse();
    }

    @Test
    void closedChannelSendsNothing() {
        PeerChannel peer = joined(7);
        peer.close();
        DatagramPacket packet = packet();

        assertThat(peer.writeAndFlush(packet).isSuccess()).isFalse();
        assertThat(packet.refCnt()).isZero();
        assertThat(port.outboundMessages()).isEmpty();
    }

    @Test
    void endOfThePortIsTheEndOfAll() {
        PeerChannel one = joined(7);
        PeerChannel two = joined(8);

        port.close();

        assertThat(one.closeFuture().isDone()).isTrue();
        assertThat(two.closeFuture().isDone()).isTrue();
        assertThat(demultiplexer.peers()).isEmpty();
    }

    @Test
    void joiningAClosedPortFails() {
        port.close();
        PeerChannel late = new PeerChannel(demultiplexer, 9);

        ChannelFuture joining = port.eventLoop().register(late);
        port.runPendingTasks();

        assertThat(joining.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(late.isOpen()).isFalse();
        assertThat(demultiplexer.peers()).isEmpty();
    }

    @Test
    void eachPeerHasAnAddressOfItsOwnForQuic() {
        assertThat(joined(7).quicAddress())
                .isNotEqualTo(joined(8).quicAddress())
                .isNotEqualTo(IcePathHandler.REMOTE_ADDRESS)
                .isEqualTo(new InetSocketAddress("100::7", 1));
    }

    private PeerChannel joined(long label) {
        PeerChannel peer = new PeerChannel(demultiplexer, label);
        Channel registered = port.eventLoop().register(peer).channel();
        port.runPendingTasks();
        assertThat(registered.isRegistered()).isTrue();
        return peer;
    }

    private static DatagramPacket packet() {
        ByteBuf content = Unpooled.buffer(4).writeInt(0x40);
        return new DatagramPacket(content, FAR);
    }
}
