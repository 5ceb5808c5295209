package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each look-up is multicast to the local network, and the other side says what is looked for. */
class NameLookUpsTest {

    private final NameLookUps lookUps = new NameLookUps();
    private final List<Promise<InetAddress>> made = new ArrayList<>();

    @Test
    void nameThatIsFoundIsLookedForOnceHoweverOftenItIsTold() {
        Future<InetAddress> first = of("a.local").orElseThrow();
        assertThat(of("A.local")).containsSame(first);
        made.get(0).setSuccess(InetAddress.getLoopbackAddress());

        assertThat(of("a.local")).containsSame(first);
        assertThat(made).hasSize(1);
    }

    @Test
    void nameThatIsNotFoundIsLookedForAgainWithinTheLimit() {
        for (int i = 0; i < NameLookUps.MAX; i++) {
            assertThat(of("a.local")).isPresent();
            made.get(i).setFailure(new UnknownHostException("a.local"));
        }

        assertThat(of("a.local")).isEmpty();
        assertThat(made).hasSize(NameLookUps.MAX);
    }

    @Test
    void namesBeyondTheLimitAreNotLookedFor() {
        for (int i = 0; i < NameLookUps.MAX; i++) {
            assertThat(of(i + ".local")).isPresent();
        }

        assertThat(of("one-more.local")).isEmpty();
        assertThat(of("0.local")).containsSame(made.get(0));
    }

    private Optional<Future<InetAddress>> of(String name) {
        return lookUps.of(name, looked -> {
            Promise<InetAddress> promise = ImmediateEventExecutor.INSTANCE.newPromise();
            made.add(promise);
            return promise;
        });
    }
}
