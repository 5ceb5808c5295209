package dev.floe.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.MappedAddress;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.ResponseOrigin;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.testing.NioLoops;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server on real sockets. */
class StunServerLoopbackTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);
    private static final InetSocketAddress ALTERNATE = new InetSocketAddress("127.0.0.2", 0);

    private final EventLoopGroup group = NioLoops.create(1);
    private final Random random = new Random(1);

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void fourSocketsHaveTwoAddressesAndTwoPorts() throws Exception {
        StunServer server =
                start(StunServerConfig.builder(ANY_PORT).alternate(ALTERNATE).build());

        InetSocketAddress main = server.addresses().get(0);
        InetSocketAddress other = server.addresses().get(3);
        assertThat(main.getPort()).isNotEqualTo(other.getPort());
        assertThat(server.addresses())
                .containsExactly(
                        main,
                        new InetSocketAddress(LOOPBACK, other.getPort()),
                        new InetSocketAddress("127.0.0.2", main.getPort()),
                        other);
    }

    /** RFC 5780, section 6.1, table 1, for a request to each of the four. */
    @ParameterizedTest
    @CsvSource({
        "0, false, false, 0", "0, true, false, 2", "0, false, true, 1", "0, true, true, 3",
        "1, false, false, 1", "1, true, false, 3", "1, false, true, 0", "1, true, true, 2",
        "2, false, false, 2", "2, true, false, 0", "2, false, true, 3", "2, true, true, 1",
        "3, false, false, 3", "3, true, false, 1", "3, false, true, 2", "3, true, true, 0"
    })
    void answerComesFromWhereItIsAskedFor(int asked, boolean changeIp, boolean changePort, int answering)
            throws Exception {
        StunServer server =
                start(StunServerConfig.builder(ANY_PORT).alternate(ALTERNATE).build());
        StunMessage request = request()
                .add(new ChangeRequest(changeIp, changePort))
                .fingerprint()
                .build();

        try (DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            send(client, request, server.addresses().get(asked));
            DatagramPacket packet = receive(client);

            InetSocketAddress origin = server.addresses().get(answering);
            assertThat(packet.getSocketAddress()).isEqualTo(origin);
            InetSocketAddress source = (InetSocketAddress) client.getLocalSocketAddress();
            assertThat(decode(packet))
                    .isEqualTo(StunMessage.success(request)
                            .add(new XorMappedAddress(source))
                            .add(new MappedAddress(source))
                            .add(new ResponseOrigin(origin))
                            .add(new OtherAddress(server.addresses().get(asked ^ 3)))
                            .fingerprint()
                            .build());
        }
    }

    @Test
    void wildcardAddressAnswersFromEachAddressThatWasAsked() throws Exception {
        StunServer server =
                start(StunServerConfig.builder(new InetSocketAddress(0)).build());
        int port = server.addresses().get(0).getPort();

        assertThat(server.addresses())
                .contains(new InetSocketAddress(LOOPBACK, port))
                .allSatisfy(address -> {
                    try (DatagramSocket client = new DatagramSocket(0, address.getAddress())) {
                        send(client, request().build(), address);
                        assertThat(receive(client).getSocketAddress()).isEqualTo(address);
                    }
                });
    }

    @Test
    void sourceThatAsksTooOftenIsNotAnsweredUntilItsAllowanceGrows() throws Exception {
        StunServer server = start(
                StunServerConfig.builder(ANY_PORT).requestsPerSecond(1).burst(2).build());

        try (DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            for (int i = 0; i < 10; i++) {
                send(client, request().build(), server.addresses().get(0));
            }
            receive(client);
            receive(client);
            // The next answer is to a request of a second later, at the earliest.
            StunMessage patient = request().build();
            DatagramPacket packet = null;
            client.setSoTimeout(200);
            while (packet == null) {
                try {
                    send(client, patient, server.addresses().get(0));
                    packet = receive(client);
                } catch (SocketTimeoutException e) {
                    // asked too early
                }
            }
            assertThat(decode(packet).transactionId()).isEqualTo(patient.transactionId());
        }
        assertThat(server.answered()).isEqualTo(3);
        assertThat(server.limited()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void nothingHostileIsAnsweredWithMoreThanTheProtocolNeeds() throws Exception {
        long seed = Long.getLong("floe.seed", new Random().nextLong());
        System.out.println("StunServerLoopbackTest: -Dfloe.seed=" + seed);
        Random hostile = new Random(seed);
        StunServer server = start(StunServerConfig.builder(ANY_PORT)
                .requestsPerSecond(Integer.MAX_VALUE)
                .build());

        try (DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = hostileRequest(hostile);
                client.send(new DatagramPacket(
                        bytes, bytes.length, server.addresses().get(0)));
                StunMessage honest = request().build();
                send(client, honest, server.addresses().get(0));
                DatagramPacket packet = receive(client);
                while (!decode(packet).transactionId().equals(honest.transactionId())) {
                    assertThat(packet.getLength()).isLessThanOrEqualTo(Math.max(bytes.length + 12, 40));
                    packet = receive(client);
                }
            }
        }
    }

    @Test
    void addressThatCannotBeHadIsSaidSo() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK)) {
            InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
            assertThatThrownBy(() -> start(StunServerConfig.builder(address).build()))
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1 port " + address.getPort() + " for STUN: ");
            assertThatThrownBy(() -> start(StunServerConfig.builder(ANY_PORT)
                            .alternate(new InetSocketAddress("127.0.0.2", address.getPort()))
                            .build()))
                    .hasMessageContaining("cannot listen on 127.0.0.1 port " + address.getPort());
        }
    }

    @Test
    void alternateThatIsNoneIsRefused() {
        assertRefused(new InetSocketAddress("192.0.2.1", 1), new InetSocketAddress("192.0.2.1", 2));
        assertRefused(new InetSocketAddress("192.0.2.1", 1), new InetSocketAddress("192.0.2.2", 1));
        assertRefused(new InetSocketAddress("192.0.2.1", 1), new InetSocketAddress("2001:db8::1", 2));
        assertRefused(new InetSocketAddress(1), new InetSocketAddress("192.0.2.2", 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        StunServerConfig.builder(ANY_PORT).requestsPerSecond(0).build());
    }

    private static void assertRefused(InetSocketAddress address, InetSocketAddress alternate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        StunServerConfig.builder(address).alternate(alternate).build())
                .withMessageStartingWith("alternate ");
    }

    private StunServer start(StunServerConfig config) throws Exception {
        return StunServer.start(group, config).get(10, TimeUnit.SECONDS);
    }

    private StunMessage.Builder request() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(random));
    }

    /** A Binding request with any attributes, or something that only starts like one. */
    private static byte[] hostileRequest(Random hostile) {
        byte[] start = StunMessage.request(StunMethod.BINDING, TransactionId.random(hostile))
                .build()
                .toByteArray();
        byte[] rest = new byte[4 * hostile.nextInt(50)];
        hostile.nextBytes(rest);
        for (int at = 0; at + 4 <= rest.length; at += 4 + 4 * hostile.nextInt(3)) {
            rest[at] &= 0x7F;
            rest[at + 2] = 0;
            rest[at + 3] = (byte) Math.min(hostile.nextInt(9), rest.length - at - 4);
        }
        return HostileInput.message(start, rest);
    }

    private static void send(DatagramSocket client, StunMessage message, InetSocketAddress to) throws IOException {
        byte[] bytes = message.toByteArray();
        client.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static DatagramPacket receive(DatagramSocket client) throws IOException {
        if (client.getSoTimeout() == 0) {
            client.setSoTimeout(10_000);
        }
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        client.receive(packet);
        return packet;
    }

    private static StunMessage decode(DatagramPacket packet) throws StunDecodeException {
        return StunMessage.decode(Unpooled.wrappedBuffer(Arrays.copyOf(packet.getData(), packet.getLength())));
    }
}
