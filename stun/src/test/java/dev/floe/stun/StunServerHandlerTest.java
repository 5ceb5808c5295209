package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.Opaque;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StunServerHandlerTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 3478);
    private static final InetSocketAddress CLIENT = new InetSocketAddress("2001:db8::2", 2);
    private static final StunAttributeType UNKNOWN = StunAttributeType.of(0x7FFF);

    private final StunServerHandler server = new StunServerHandler();
    private final EmbeddedChannel channel = new EmbeddedChannel(server);

    @Test
    void bindingRequestIsAnsweredWithItsSourceAndNothingElse() {
        StunMessage request = request().build();
        receive(request);

        StunDatagram answer = channel.readOutbound();
        assertThat(answer.recipient()).isEqualTo(CLIENT);
        assertThat(answer.sender()).isEqualTo(SERVER);
        assertThat(answer.content())
                .isEqualTo(StunMessage.success(request)
                        .add(new XorMappedAddress(CLIENT))
                        .build());
        assertThat(answer.content().length()).isEqualTo(44);
        assertThat(server.answered()).isOne();
    }

    @Test
    void fingerprintIsAnsweredWithFingerprint() {
        receive(request().fingerprint().build());

        StunDatagram answer = channel.readOutbound();
        assertThat(answer.content().hasValidFingerprint()).isTrue();
    }

    @Test
    void wrongFingerprintIsNotAnswered() throws StunDecodeException {
        byte[] bytes = request().fingerprint().build().toByteArray();
        bytes[bytes.length - 1]++;
        receive(StunMessage.decode(Unpooled.wrappedBuffer(bytes)));

        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(server.dropped()).isOne();
    }

    @Test
    void serverSaysWhatItRunsIfAsked() {
        EmbeddedChannel talkative = new EmbeddedChannel(new StunServerHandler("floe"));
        talkative.writeInbound(new StunDatagram(request().build(), SERVER, CLIENT));

        StunDatagram answer = talkative.readOutbound();
        assertThat(answer.content().find(Software.class)).contains(new Software("floe"));
    }

    @Test
    void unknownRequiredAttributesAreNamed() {
        receive(request().add(new Opaque(UNKNOWN, new byte[100])).build());

        StunDatagram answer = channel.readOutbound();
        assertThat(answer.content().is(StunClass.ERROR, StunMethod.BINDING)).isTrue();
        assertThat(answer.content().attributes())
                .containsExactly(new ErrorCode(420, ""), new UnknownAttributes(List.of(UNKNOWN)));
        assertThat(server.refused()).isOne();
    }

    @Test
    void answerToManyUnknownAttributesIsSmallerThanTheRequest() {
        StunMessage.Builder request = request();
        for (int i = 0; i < 1000; i++) {
            request.add(new Opaque(UNKNOWN, new byte[0]));
        }
        receive(request.build());

        StunDatagram answer = channel.readOutbound();
        assertThat(answer.content().length()).isLessThan(request.build().length() * 6 / 10);
    }

    @Test
    void onlyBindingRequestsAreAnsweredAndAllElsePasses() {
        StunMessage request = request().build();
        List<StunMessage> others = List.of(
                StunMessage.indication(StunMethod.BINDING, request.transactionId())
                        .build(),
                StunMessage.success(request).build(),
                StunMessage.error(request, 400, "").build(),
                StunMessage.request(StunMethod.of(3), request.transactionId()).build());

        for (StunMessage other : others) {
            receive(other);
            StunDatagram passed = channel.readInbound();
            assertThat(passed.content()).isSameAs(other);
        }
        DatagramPacket packet = new DatagramPacket(Unpooled.EMPTY_BUFFER, SERVER, CLIENT);
        channel.writeInbound(packet);
        assertThat(channel.<Object>readInbound()).isSameAs(packet);
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(server.answered()).isZero();
    }

    @Test
    void answersDoNotPileUpWhereTheyCannotBeSent() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(0, 1000));
        for (int i = 0; i < 1000; i++) {
            channel.pipeline().fireChannelRead(new StunDatagram(request().build(), SERVER, CLIENT));
        }
        channel.pipeline().fireChannelReadComplete();

        assertThat(server.answered()).isBetween(1L, 20L);
        assertThat(server.answered() + server.dropped()).isEqualTo(1000);
        assertThat(channel.outboundMessages()).hasSize((int) server.answered());
    }

    @Test
    void answersAreFlushedWhenTheHandlerIsRemovedInTheMiddleOfARead() {
        channel.pipeline().fireChannelRead(new StunDatagram(request().build(), SERVER, CLIENT));
        assertThat(channel.outboundMessages()).isEmpty();
        channel.pipeline().remove(server);

        assertThat(channel.outboundMessages()).hasSize(1);
    }

    private static StunMessage.Builder request() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(new Random(1)));
    }

    private void receive(StunMessage message) {
        channel.writeInbound(new StunDatagram(message, SERVER, CLIENT));
    }
}
