package dev.floe.signaling.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.signaling.SignalingServerConfig.PerAddress;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressBookTest {

    private static final InetAddress SOMEBODY = address("192.0.2.1");

    private long now;
    private final AddressBook book = new AddressBook(new PerAddress(2, 2, 3, false), () -> now);

    @Test
    void connectionsAreCountedByAddress() {
        book.addConnection(SOMEBODY);
        book.addConnection(SOMEBODY);
        book.addConnection(address("192.0.2.2"));
        assertThat(book.hasTooManyConnections(SOMEBODY, 1)).isFalse();

        book.addConnection(SOMEBODY);
        assertThat(book.hasTooManyConnections(SOMEBODY, 1)).isTrue();
        assertThat(book.hasTooManyConnections(SOMEBODY, 2)).isFalse();
        book.removeConnection(SOMEBODY);
        assertThat(book.hasTooManyConnections(SOMEBODY, 1)).isFalse();
    }

    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        book.addConnection(address("2001:db8::1"));
        book.addConnection(address("2001:db8::2"));
        book.addConnection(address("2001:db8:0:0:ffff::3"));

        assertThat(book.hasTooManyConnections(address("2001:db8::4"), 1)).isTrue();
        assertThat(book.hasTooManyConnections(address("2001:db8:0:1::1"), 1)).isFalse();
    }

    @Test
    void placesInRoomsAreTakenAndReleased() {
        assertThat(book.takeRoom(SOMEBODY)).isTrue();
        assertThat(book.takeRoom(SOMEBODY)).isTrue();
        assertThat(book.takeRoom(SOMEBODY)).isFalse();
        book.releaseRoom(SOMEBODY);
        assertThat(book.takeRoom(SOMEBODY)).isTrue();
    }

    @Test
    void messagesMayComeInBurstsButNotFasterInTheLongRun() {
        book.addConnection(SOMEBODY);
        int admitted = 0;
        for (int i = 0; i < 1000; i++) {
            admitted += book.admitsMessage(SOMEBODY) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(30);

        now += TimeUnit.SECONDS.toNanos(2);
        admitted = 0;
        for (int i = 0; i < 1000; i++) {
            admitted += book.admitsMessage(SOMEBODY) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(6);
    }

    @Test
    void sameMachineIsFreeUnlessTheLimitsIncludeIt() {
        InetAddress loopback = address("127.0.0.1");
        for (int i = 0; i < 100; i++) {
            book.addConnection(loopback);
        }
        assertThat(book.hasTooManyConnections(loopback, 1)).isFalse();
        assertThat(book.takeRoom(loopback)).isTrue();
    }

    @Test
    void addressThatHasNothingIsForgotten() {
        book.addConnection(SOMEBODY);
        assertThat(book.takeRoom(SOMEBODY)).isTrue();
        book.removeConnection(SOMEBODY);
        book.releaseRoom(SOMEBODY);

        assertThat(book.size()).isZero();
    }

    @Test
    void whatWasSaidOverEarlierConnectionsCountsAndIsForgottenInTime() {
        int admitted = 0;
        for (int i = 0; i < 1000; i++) {
            book.addConnection(SOMEBODY);
            admitted += book.admitsMessage(SOMEBODY) ? 1 : 0;
            book.removeConnection(SOMEBODY);
        }
        assertThat(admitted).isEqualTo(30);

        now += TimeUnit.SECONDS.toNanos(10);
        book.addConnection(address("192.0.2.2"));
        assertThat(book.size()).isEqualTo(1);
    }

    private static InetAddress address(String literal) {
        return NetUtil.createInetAddressFromIpAddressString(literal);
    }
}
