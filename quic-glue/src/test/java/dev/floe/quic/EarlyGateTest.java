package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlyGateTest {

    private static final int MAX_WAITING = 32;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final EarlyGate gate = new EarlyGate();
    private final List<ByteBuf> contents = new ArrayList<>();
    private final List<ChannelPromise> promises = new ArrayList<>();

    @Test
    void twoDatagramsPassAndNoMore() {
        assertThat(gate.passes()).isTrue();
        assertThat(gate.passes()).isTrue();
        for (int i = 0; i < 1_000; i++) {
            assertThat(gate.passes()).isFalse();
        }
    }

    @Test
    void whatWaitsIsHandedOverInOrderWithItsPromise() {
        hold(3);
        List<ByteBuf> sentContents = new ArrayList<>();
        List<ChannelPromise> sentPromises = new ArrayList<>();

        gate.open((content, promise) -> {
            sentContents.add(content);
            sentPromises.add(promise);
        });

        assertThat(sentContents).containsExactlyElementsOf(contents);
        assertThat(sentPromises).containsExactlyElementsOf(promises);
        assertThat(promises).noneMatch(ChannelPromise::isDone);
        assertThat(contents).allMatch(content -> content.refCnt() == 1);
        gate.open((content, promise) -> assertThat(content).isNull());
        contents.forEach(ByteBuf::release);
    }

    @Test
    void whatIsTooMuchToWaitIsDroppedAsANetworkWould() {
        hold(MAX_WAITING + 1);

        assertThat(promises.get(MAX_WAITING).isSuccess()).isTrue();
        assertThat(contents.get(MAX_WAITING).refCnt()).isZero();
        assertThat(promises.subList(0, MAX_WAITING)).noneMatch(ChannelPromise::isDone);
        gate.release(new ClosedChannelException());
    }

    @Test
    void releaseFailsThePromisesAndLeavesNothing() {
        hold(MAX_WAITING);

        gate.release(new ClosedChannelException());

        assertThat(promises).allMatch(promise -> promise.cause() instanceof ClosedChannelException);
        assertThat(contents).allMatch(content -> content.refCnt() == 0);
    }

    private void hold(int count) {
        for (int number = 0; number < count; number++) {
            contents.add(TestPaths.content(number));
            promises.add(channel.newPromise());
            gate.hold(contents.get(number), promises.get(number));
        }
    }
}
