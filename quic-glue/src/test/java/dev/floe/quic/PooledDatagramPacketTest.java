package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PooledDatagramPacketTest {

    /** Of new packets the pool keeps only some. */
    private static final int MANY = 1_000;

    /** As on an event loop: not every thread has a pool. */
    @Test
    void packetsAreUsedAgain() throws Exception {
        CompletableFuture<Integer> different = new CompletableFuture<>();

        new FastThreadLocalThread(() -> different.complete(useMany())).start();

        assertThat(different.get(10, TimeUnit.SECONDS)).isLessThan(MANY / 2);
    }

    @Test
    void usedAgainItIsAsNew() {
        packet(1).release();
        PooledDatagramPacket packet = packet(2);

        assertThat(packet.refCnt()).isEqualTo(1);
        assertThat(TestPaths.number(packet.content())).isEqualTo(2);
        assertThat(packet.recipient()).isEqualTo(TestPaths.NEAR);
        assertThat(packet.sender()).isEqualTo(TestPaths.BASE);
        packet.release();
    }

    @Test
    void retainedOneStaysAsItIsUntilItsLastReferenceIsReleased() {
        PooledDatagramPacket kept = packet(1);
        kept.retain();
        assertThat(kept.release()).isFalse();

        useManyOthers();

        assertThat(kept.refCnt()).isEqualTo(1);
        assertThat(TestPaths.number(kept.content())).isEqualTo(1);
        assertThat(kept.recipient()).isEqualTo(TestPaths.NEAR);
        assertThat(kept.release()).isTrue();
        assertThat(kept.refCnt()).isZero();
    }

    @Test
    void oneWhoseContentIsRetainedStaysAsItIs() {
        PooledDatagramPacket packet = packet(1);
        ByteBuf content = packet.content().retain();
        packet.release();

        useManyOthers();

        assertThat(packet.content()).isSameAs(content);
        assertThat(packet.recipient()).isEqualTo(TestPaths.NEAR);
        content.release();
    }

    @Test
    void oneWhoseContentIsReleasedInItsPlaceIsNotUsedAgain() {
        PooledDatagramPacket packet = packet(1);
        packet.content().release();

        useManyOthers();

        assertThat(packet.refCnt()).isZero();
        assertThat(packet.recipient()).isEqualTo(TestPaths.NEAR);
    }

    @Test
    void copiesAndReplacementsArePacketsOfTheirOwn() {
        PooledDatagramPacket packet = packet(1);
        DatagramPacket copy = packet.copy();
        DatagramPacket replaced = packet.replace(TestPaths.content(2));
        packet.release();

        useManyOthers();

        assertThat(TestPaths.number(copy.content())).isEqualTo(1);
        assertThat(TestPaths.number(replaced.content())).isEqualTo(2);
        assertThat(replaced.sender()).isEqualTo(TestPaths.BASE);
        copy.release();
        replaced.release();
    }

    @Test
    void releasedOnceTooOftenItSaysSo() {
        PooledDatagramPacket packet = packet(1);
        packet.release();

        assertThatThrownBy(packet::release).isInstanceOf(IllegalReferenceCountException.class);
    }

    @Test
    void releasedItStillSaysWhereItWasToGo() {
        PooledDatagramPacket packet = packet(1);

        assertThat(packet.release()).isTrue();

        assertThat(packet.refCnt()).isZero();
        assertThat(packet.recipient()).isEqualTo(TestPaths.NEAR);
        assertThat(packet.sender()).isEqualTo(TestPaths.BASE);
    }

    @Test
    void failedWriteReleasesIt() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ((DatagramPacket) message).release();
                promise.setFailure(new IOException("no buffer space"));
            }
        });
        PooledDatagramPacket packet = packet(1);
        ByteBuf content = packet.content();

        ChannelFuture written = channel.writeAndFlush(packet);

        assertThat(written.cause()).isInstanceOf(IOException.class);
        assertThat(content.refCnt()).isZero();
        channel.finishAndReleaseAll();
    }

    /** How many different ones that took. */
    private static int useMany() {
        Set<DatagramPacket> different = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int number = 0; number < MANY; number++) {
            PooledDatagramPacket packet = packet(number);
            different.add(packet);
            packet.release();
        }
        return different.size();
    }

    private static void useManyOthers() {
        for (int i = 0; i < MANY; i++) {
            PooledDatagramPacket.of(TestPaths.content(-1), TestPaths.FAR, TestPaths.OTHER_BASE)
                    .release();
        }
    }

    private static PooledDatagramPacket packet(int number) {
        return PooledDatagramPacket.of(TestPaths.content(number), TestPaths.NEAR, TestPaths.BASE);
    }
}
