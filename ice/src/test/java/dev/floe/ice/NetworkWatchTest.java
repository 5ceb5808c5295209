package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NetworkWatchTest {

    private final FakeNetwork network = FakeNetwork.of("10.1.0.5", "10.2.0.5");
    private final NetworkWatch watch = new NetworkWatch(network);
    private final BlockingQueue<List<HostNetwork.HostAddress>> heard = new LinkedBlockingQueue<>();
    private final Consumer<HostNetwork> listener = recorder();

    @AfterEach
    void stop() throws Exception {
        Thread thread = watch.thread();
        watch.remove(listener);
        if (thread != null) {
            thread.join();
        }
    }

    @Test
    void listenerHearsOfTheNetworkAtFirstAndOfEachChange() throws Exception {
        watch.add(listener);
        assertThat(await()).hasSize(2);

        network.become("10.1.0.5");
        awaitSize(1);
        network.become("10.1.0.5", "10.3.0.5", "fd00::1");
        awaitSize(3);
    }

    @Test
    void newSourceTowardsTheDefaultRouteIsAChangeThoughTheAddressesAreTheSame() throws Exception {
        watch.add(listener);
        await();

        network.become("10.2.0.5", "10.1.0.5");
        assertThat(await()).hasSize(2);
    }

    @Test
    void listenersAreLeftInPeaceWhileNothingChanges() throws Exception {
        watch.add(listener);
        await();
        awaitLooks(10);

        assertThat(heard).isEmpty();
    }

    @Test
    void changeIsLookedIntoAgainForWhatComesLate() throws Exception {
        watch.add(listener);
        await();
        network.become("10.1.0.5");

        for (int time = 0; time < 4; time++) {
            awaitSize(1);
        }
    }

    @Test
    void thereIsOneThreadForAllAndOnlyWhileSomebodyListens() throws Exception {
        assertThat(watch.thread()).isNull();
        List<Consumer<HostNetwork>> listeners = new ArrayList<>();
        watch.add(listener);
        Thread thread = watch.thread();
        for (int i = 0; i < 100; i++) {
            Consumer<HostNetwork> another = recorder();
            listeners.add(another);
            watch.add(another);
        }
        assertThat(watch.thread()).isSameAs(thread);
        assertThat(thread.isDaemon()).isTrue();
        for (int i = 0; i < 101; i++) {
            await();
        }

        listeners.forEach(watch::remove);
        assertThat(thread.isAlive()).isTrue();
        watch.remove(listener);
        thread.join();
        assertThat(watch.thread()).isNull();

        watch.add(listener);
        await();
        assertThat(watch.thread()).isNotSameAs(thread);
    }

    @Test
    void listenerThatFailsIsAskedAgainAndTakesNobodyWithIt() throws Exception {
        Consumer<HostNetwork> failing = look -> {
            heard.add(List.of());
            throw new IllegalArgumentException("a filter of the user's");
        };
        watch.add(failing);
        assertThat(await()).isEmpty();
        watch.add(listener);
        awaitSize(2);

        network.become("10.1.0.5");
        awaitSize(0);
        awaitSize(1);
        watch.remove(failing);
    }

    @Test
    void systemThatDoesNotTellIsAskedAgain() throws Exception {
        HostNetwork moody = new HostNetwork() {
            @Override
            public List<HostAddress> addresses() {
                if (network.looks() % 2 == 0) {
                    throw new IllegalStateException("not now");
                }
                return network.addresses();
            }

            @Override
            public Optional<InetAddress> sourceTo(InetSocketAddress destination) {
                return network.sourceTo(destination);
            }
        };
        NetworkWatch moodyWatch = new NetworkWatch(moody);
        BlockingQueue<HostNetwork> looks = new LinkedBlockingQueue<>();
        Consumer<HostNetwork> collector = looks::add;
        moodyWatch.add(collector);
        assertThat(looks.poll(20, TimeUnit.SECONDS)).isNotNull();

        network.become("10.9.0.5");
        assertThat(looks.poll(20, TimeUnit.SECONDS)).isNotNull();
        moodyWatch.remove(collector);
    }

    @Test
    void eachThingIsAskedForOnceInALook() {
        NetworkLook look = new NetworkLook(network);
        HostAddresses.ANYWHERE.forEach(look::sourceTo);
        HostAddresses.ANYWHERE.forEach(look::sourceTo);

        assertThat(network.looks()).isEqualTo(1);
        assertThat(look.addresses()).isSameAs(look.addresses());
    }

    /** Another one each time. */
    private Consumer<HostNetwork> recorder() {
        return new Consumer<>() {
            @Override
            public void accept(HostNetwork look) {
                heard.add(look.addresses());
            }
        };
    }

    private List<HostNetwork.HostAddress> await() throws InterruptedException {
        List<HostNetwork.HostAddress> addresses = heard.poll(20, TimeUnit.SECONDS);
        assertThat(addresses).as("what the watch tells").isNotNull();
        return addresses;
    }

    private void awaitSize(int size) throws InterruptedException {
        while (await().size() != size) {
            Thread.onSpinWait();
        }
    }

    private void awaitLooks(int count) {
        int start = network.looks();
        while (network.looks() < start + count) {
            watch.look();
            Thread.onSpinWait();
        }
    }
}
