package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.floe.stun.StunAttribute.Opaque;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class StunClientHandlerTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.2", 3478);

    private final Random random = new Random(1);
    private final StunClientHandler client = new StunClientHandler();
    private final EmbeddedChannel channel = new EmbeddedChannel(client);

    @Test
    void successResponseCompletesTheRequest() {
        StunMessage request = request();
        Future<StunMessage> response = client.request(request, SERVER);

        StunDatagram sent = channel.readOutbound();
        assertThat(sent.content()).isEqualTo(request);
        assertThat(sent.recipient()).isEqualTo(SERVER);
        StunMessage answer = StunMessage.success(request).build();
        receive(answer);
        assertThat(response.getNow()).isSameAs(answer);
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void errorResponseCompletesTheRequest() {
        StunMessage request = request();
        Future<StunMessage> response = client.request(request, SERVER);
        StunMessage answer = StunMessage.error(request, 401, "Unauthenticated").build();
        receive(answer);

        assertThat(response.getNow()).isSameAs(answer);
    }

    @Test
    void requestIsRepeatedUntilItTimesOut() {
        channel.freezeTime();
        Future<StunMessage> response = client.request(request(), SERVER);
        List<Integer> sentAt = new ArrayList<>();
        for (int millis = 0; millis < 45_000; millis += 500) {
            while (channel.readOutbound() != null) {
                sentAt.add(millis);
            }
            channel.advanceTimeBy(500, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }

        assertThat(sentAt).hasSize(7).startsWith(0, 500, 1500, 3500, 7500);
        assertThat(response.cause())
                .isInstanceOf(TimeoutException.class)
                .hasMessage("no answer from /192.0.2.2:3478 to 7 requests");
    }

    @Test
    void nothingIsSentAfterTheAnswer() {
        channel.freezeTime();
        StunMessage request = request();
        assertThat(client.request(request, SERVER).isDone()).isFalse();
        receive(StunMessage.success(request).build());
        channel.advanceTimeBy(1, TimeUnit.MINUTES);

        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
        assertThat(channel.outboundMessages()).hasSize(1);
    }

    @Test
    void whatAnswersNoRequestPasses() {
        StunMessage request = request();
        Future<StunMessage> response = client.request(request, SERVER);
        List<StunMessage> others = List.of(
                StunMessage.success(request()).build(),
                StunMessage.builder(StunClass.SUCCESS, StunMethod.of(3), request.transactionId())
                        .build(),
                StunMessage.indication(StunMethod.BINDING, request.transactionId())
                        .build(),
                request);

        for (StunMessage other : others) {
            receive(other);
            StunDatagram passed = channel.readInbound();
            assertThat(passed.content()).isSameAs(other);
        }
        channel.writeInbound("other");
        assertThat(channel.<Object>readInbound()).isEqualTo("other");
        assertThat(response.isDone()).isFalse();
    }

    @Test
    void responseThatComesTwicePassesTheSecondTime() {
        StunMessage request = request();
        assertThat(client.request(request, SERVER).isDone()).isFalse();
        StunMessage answer = StunMessage.success(request).build();
        receive(answer);
        receive(answer);

        assertThat(channel.inboundMessages()).hasSize(1);
    }

    @Test
    void responseThatIsNotUnderstoodFailsTheRequest() {
        StunMessage request = request();
        Future<StunMessage> response = client.request(request, SERVER);
        receive(StunMessage.success(request)
                .add(new Opaque(StunAttributeType.of(0x7FFF), new byte[0]))
                .build());

        assertThat(response.cause()).hasMessage("the response needs [ATTRIBUTE-0x7FFF] understood");
    }

    @Test
    void cancelledRequestIsNotRepeated() {
        channel.freezeTime();
        StunMessage request = request();
        Future<StunMessage> response = client.request(request, SERVER);
        assertThat(response.cancel(false)).isTrue();
        channel.advanceTimeBy(1, TimeUnit.MINUTES);

        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
        assertThat(channel.outboundMessages()).hasSize(1);
        receive(StunMessage.success(request).build());
        assertThat(channel.inboundMessages()).hasSize(1);
    }

    @Test
    void removalAndCloseFailWhatIsUnderWay() {
        Future<StunMessage> removed = client.request(request(), SERVER);
        channel.pipeline().remove(client);
        assertThat(removed.cause()).isInstanceOf(ClosedChannelException.class);
        assertThatIllegalStateException()
                .isThrownBy(() -> client.request(request(), SERVER))
                .withMessage("the handler is in no pipeline");

        StunClientHandler another = new StunClientHandler();
        channel.pipeline().addLast(another);
        Future<StunMessage> closed = another.request(request(), SERVER);
        channel.close();
        assertThat(closed.cause()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void failedWriteFailsTheRequest() {
        IOException unreachable = new IOException("Network is unreachable");
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
                promise.setFailure(unreachable);
            }
        });

        assertThat(client.request(request(), SERVER).cause()).isSameAs(unreachable);
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void transactionsAreBoundedAndUnique() {
        StunClientHandler small = new StunClientHandler(500, 7, 16, 2);
        channel.pipeline().addLast(small);
        StunMessage first = request();
        StunMessage second = request();

        assertThat(small.request(first, SERVER).isDone()).isFalse();
        assertThat(small.request(first, SERVER).cause()).hasMessageEndingWith("is already under way");
        assertThat(small.request(second, SERVER).isDone()).isFalse();
        assertThat(small.request(request(), SERVER).cause()).hasMessage("there are already 2 transactions");
        receive(StunMessage.success(first).build());
        assertThat(small.request(request(), SERVER).isDone()).isFalse();
    }

    @Test
    void onlyRequestsAreSent() {
        StunMessage indication = StunMessage.indication(StunMethod.BINDING, TransactionId.random(random))
                .build();

        assertThatIllegalArgumentException().isThrownBy(() -> client.request(indication, SERVER));
        assertThatIllegalArgumentException().isThrownBy(() -> new StunClientHandler(500, 7, 16, 0));
    }

    private StunMessage request() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .build();
    }

    private void receive(StunMessage message) {
        channel.writeInbound(new StunDatagram(message, LOCAL, SERVER));
    }
}
