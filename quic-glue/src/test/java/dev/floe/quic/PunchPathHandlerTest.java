package dev.floe.quic;

import static dev.floe.quic.TestPaths.BASE;
import static dev.floe.quic.TestPaths.FAR;
import static dev.floe.quic.TestPaths.NEAR;
import static dev.floe.quic.TestPaths.OTHER_BASE;
import static dev.floe.quic.TestPaths.STRANGER;
import static dev.floe.quic.TestPaths.content;
import static dev.floe.quic.TestPaths.data;
import static dev.floe.quic.TestPaths.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PunchPathHandlerTest {

    private final AtomicInteger elsewhere = new AtomicInteger();

    @Test
    void eachDialledAddressHasASyntheticOneOfItsOwn() {
        PunchPathHandler path = dialling(NEAR, FAR);
        EmbeddedChannel channel = new EmbeddedChannel(path);
        List<PunchPathHandler.Way> ways = List.copyOf(path.ways());
        assertThat(ways)
                .extracting(PunchPathHandler.Way::synthetic)
                .doesNotHaveDuplicates()
                .doesNotContain(IcePathHandler.REMOTE_ADDRESS);

        channel.writeOutbound(to(ways.get(1), 1), to(ways.get(0), 2));
        assertSent(channel, FAR, 1);
        assertSent(channel, NEAR, 2);

        channel.writeInbound(initial(FAR));
        DatagramPacket heard = channel.readInbound();
        assertThat(heard.sender()).isEqualTo(ways.get(1).synthetic());
        assertThat(heard.recipient()).isEqualTo(IcePathHandler.LOCAL_ADDRESS);
        heard.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void clientHearsNobodyButWhomItDials() {
        PunchPathHandler path = dialling(NEAR);
        EmbeddedChannel channel = new EmbeddedChannel(path);

        channel.writeInbound(initial(STRANGER), data(2, STRANGER), noise(STRANGER), noise(NEAR), initial(FAR));

        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(path.dropped()).isEqualTo(5);
        assertThat(elsewhere).hasValue(0);
        channel.finishAndReleaseAll();
    }

    @Test
    void addressThatIsNotHeardGetsFewDatagramsHoweverOftenItIsProvoked() {
        PunchPathHandler path = dialling(NEAR);
        EmbeddedChannel channel = new EmbeddedChannel(path);
        PunchPathHandler.Way way = path.ways().iterator().next();

        for (int i = 0; i < 100; i++) {
            channel.writeOutbound(to(way, i));
            channel.writeInbound(noise(NEAR));
        }

        assertThat(sent(channel)).hasSize(PunchPathHandler.MAX_UNHEARD);
        channel.writeInbound(initial(NEAR));
        channel.writeOutbound(to(way, 500), to(way, 501));
        assertThat(sent(channel)).containsExactly(500, 501);
        channel.finishAndReleaseAll();
    }

    @Test
    void whatWasLostBeforeTheNatWasOpenIsSentAgainWhenRandomBytesCome() {
        PunchPathHandler path = dialling(NEAR, FAR);
        EmbeddedChannel channel = new EmbeddedChannel(path);
        List<PunchPathHandler.Way> ways = List.copyOf(path.ways());
        channel.writeOutbound(to(ways.get(0), 1), to(ways.get(1), 2));
        assertThat(sent(channel)).containsExactly(1, 2);

        channel.writeInbound(noise(NEAR), noise(NEAR), noise(NEAR));
        assertThat(sent(channel)).containsExactly(1, 1);
        channel.writeInbound(initial(NEAR), noise(NEAR));
        assertThat(sent(channel)).isEmpty();
        channel.finishAndReleaseAll();
    }

    @Test
    void randomBytesFromAnotherPortOfADialledHostAreTold() {
        EmbeddedChannel channel = new EmbeddedChannel(dialling(NEAR));

        channel.writeInbound(noise(new InetSocketAddress(NEAR.getAddress(), 9)));

        assertThat(elsewhere).hasValue(1);
        assertThat(sent(channel)).isEmpty();
        channel.finishAndReleaseAll();
    }

    @Test
    void serverAnswersWhereAndFromWhereItIsDialled() {
        PunchPathHandler path = PunchPathHandler.dialled(List.of(NEAR));
        EmbeddedChannel channel = new EmbeddedChannel(path);

        channel.writeInbound(new DatagramPacket(initial(FAR).content(), OTHER_BASE, FAR));
        DatagramPacket heard = channel.readInbound();
        channel.writeOutbound(new DatagramPacket(content(3), heard.sender()));
        heard.release();

        DatagramPacket answer = channel.readOutbound();
        assertThat(answer.recipient()).isEqualTo(FAR);
        assertThat(answer.sender()).isEqualTo(OTHER_BASE);
        answer.release();
        channel.finishAndReleaseAll();
    }

    /** A thousand strangers with an Initial each, then a thousand Initials of one: few come as far as QUIC. */
    @Test
    void floodOfInitialsTakesNoPlaceFromWhoeverIsExpected() {
        PunchPathHandler path = PunchPathHandler.dialled(List.of(NEAR));
        EmbeddedChannel channel = new EmbeddedChannel(path);
        for (int i = 0; i < 1000; i++) {
            channel.writeInbound(initial(new InetSocketAddress(STRANGER.getAddress(), 1000 + i)));
        }
        assertThat(heard(channel)).hasSize(PunchPathHandler.MAX_STRANGERS);
        for (int i = 0; i < 1000; i++) {
            channel.writeInbound(initial(NEAR));
        }
        assertThat(heard(channel)).hasSize(PunchPathHandler.MAX_INITIALS);
        assertThat(path.ways()).hasSize(PunchPathHandler.MAX_STRANGERS + 1);
        assertThat(path.dropped()).isEqualTo(2000 - PunchPathHandler.MAX_STRANGERS - PunchPathHandler.MAX_INITIALS);
        channel.finishAndReleaseAll();
    }

    @Test
    void nothingButAnInitialOfVersionOneGetsAPlaceWithAServer() {
        PunchPathHandler path = PunchPathHandler.dialled(List.of(NEAR));
        EmbeddedChannel channel = new EmbeddedChannel(path);

        // a short header, a Handshake packet, another version, one byte, none, random bytes
        channel.writeInbound(
                data(1, NEAR),
                packet("e000000001", NEAR),
                packet("c000000002", NEAR),
                packet("c0", NEAR),
                packet("", NEAR),
                noise(NEAR));

        assertThat(heard(channel)).isEmpty();
        assertThat(path.ways()).isEmpty();
        channel.finishAndReleaseAll();
    }

    @Test
    void whatQuicWritesToNobodyGoesNowhere() {
        EmbeddedChannel channel = new EmbeddedChannel(dialling(NEAR));

        channel.writeOutbound(TestPaths.outbound(1), new DatagramPacket(Unpooled.EMPTY_BUFFER, FAR));

        assertThat(sent(channel)).isEmpty();
        channel.finishAndReleaseAll();
    }

    private PunchPathHandler dialling(InetSocketAddress... remotes) {
        return PunchPathHandler.dialling(List.of(remotes), BASE, elsewhere::incrementAndGet);
    }

    private static DatagramPacket to(PunchPathHandler.Way way, int number) {
        return new DatagramPacket(content(number), way.synthetic());
    }

    /** With a long header of type Initial, and version 1. */
    private static DatagramPacket initial(InetSocketAddress sender) {
        return packet("c000000001", sender);
    }

    private static DatagramPacket noise(InetSocketAddress sender) {
        return packet("0711223344", sender);
    }

    private static DatagramPacket packet(String hex, InetSocketAddress sender) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return new DatagramPacket(Unpooled.wrappedBuffer(bytes), BASE, sender);
    }

    private static void assertSent(EmbeddedChannel channel, InetSocketAddress to, int number) {
        DatagramPacket packet = channel.readOutbound();
        assertThat(packet.recipient()).isEqualTo(to);
        assertThat(packet.sender()).isEqualTo(BASE);
        assertThat(number(packet.content())).isEqualTo(number);
        packet.release();
    }

    private static List<Integer> sent(EmbeddedChannel channel) {
        List<Integer> numbers = new ArrayList<>();
        for (DatagramPacket next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            numbers.add(number(next.content()));
            next.release();
        }
        return numbers;
    }

    private static List<InetSocketAddress> heard(EmbeddedChannel channel) {
        List<InetSocketAddress> senders = new ArrayList<>();
        for (DatagramPacket next = channel.readInbound(); next != null; next = channel.readInbound()) {
            senders.add(next.sender());
            next.release();
        }
        return senders;
    }
}
