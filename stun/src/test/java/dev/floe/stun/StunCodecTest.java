package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StunCodecTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.2", 2);

    private final StunCodec codec = new StunCodec();
    private final EmbeddedChannel channel = new EmbeddedChannel(codec);

    @AfterEach
    void closeChannel() {
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void stunDatagramBecomesMessageAndIsReleased() {
        ByteBuf bytes = channel.alloc().directBuffer().writeBytes(Vectors.REQUEST.bytes());
        channel.writeInbound(new DatagramPacket(bytes, LOCAL, REMOTE));

        StunDatagram datagram = channel.readInbound();
        assertThat(datagram.content()).isEqualTo(Vectors.REQUEST.decode());
        assertThat(datagram.recipient()).isEqualTo(LOCAL);
        assertThat(datagram.sender()).isEqualTo(REMOTE);
        assertThat(bytes.refCnt()).isZero();
    }

    @Test
    void messageBecomesDatagram() {
        InetSocketAddress noBase = null;
        channel.writeOutbound(
                new StunDatagram(Vectors.REQUEST.decode(), REMOTE, LOCAL),
                new StunDatagram(Vectors.IPV4_RESPONSE.decode(), REMOTE, noBase));

        DatagramPacket first = channel.readOutbound();
        assertThat(first.content()).isEqualTo(Unpooled.wrappedBuffer(Vectors.REQUEST.bytes()));
        assertThat(first.recipient()).isEqualTo(REMOTE);
        assertThat(first.sender()).isEqualTo(LOCAL);
        first.release();
        DatagramPacket second = channel.readOutbound();
        assertThat(second.content()).isEqualTo(Unpooled.wrappedBuffer(Vectors.IPV4_RESPONSE.bytes()));
        assertThat(second.sender()).isNull();
        second.release();
    }

    @Test
    void malformedMessageIsDroppedCountedAndReleased() {
        byte[] lying = Vectors.REQUEST.bytes();
        lying[3]++;
        ByteBuf bytes = channel.alloc().directBuffer().writeBytes(lying);
        channel.writeInbound(new DatagramPacket(bytes, LOCAL, REMOTE));

        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(codec.malformed()).isOne();
        assertThat(bytes.refCnt()).isZero();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void otherDatagramsPassUntouchedBothWays() {
        byte[] classic = Vectors.REQUEST.bytes();
        classic[4]++;
        for (byte[] other : new byte[][] {{}, {0x40, 1, 2}, classic, new byte[1200]}) {
            DatagramPacket packet = new DatagramPacket(Unpooled.wrappedBuffer(other), LOCAL, REMOTE);
            channel.writeInbound(packet);
            assertThat(channel.<Object>readInbound()).isSameAs(packet);
            channel.writeOutbound(packet);
            assertThat(channel.<Object>readOutbound()).isSameAs(packet);
            assertThat(packet.refCnt()).isOne();
        }
        assertThat(codec.malformed()).isZero();
    }

    @Test
    void messagesThatAreNoDatagramsPassUntouched() {
        channel.writeInbound("inbound");
        channel.writeOutbound("outbound");

        assertThat(channel.<Object>readInbound()).isEqualTo("inbound");
        assertThat(channel.<Object>readOutbound()).isEqualTo("outbound");
    }
}
