package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedMovesTest {

    private static final Set<Class<? extends InetAddress>> IPV4 = Set.of(Inet4Address.class);
    private static final Set<Class<? extends InetAddress>> IPV6 = Set.of(Inet6Address.class);
    private static final Set<Class<? extends InetAddress>> BOTH = Set.of(Inet4Address.class, Inet6Address.class);
    private static final Set<String> SESSIONS = Set.of("alice", "carol");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Set<Class<? extends InetAddress>>> told = new ArrayList<>();
    private final SharedMoves<String> moves = new SharedMoves<>(told::add);

    @BeforeEach
    void freeze() {
        channel.freezeTime();
    }

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void moveThatAllSeeIsToldOnce() {
        seen("alice", IPV4);
        seen("carol", IPV4);
        pass(SharedMoves.WINDOW_MILLIS);

        assertThat(told).containsExactly(IPV4);
    }

    @Test
    void familiesMoveEachForItself() {
        seen("alice", IPV4);
        seen("alice", IPV6);
        seen("carol", BOTH);
        pass(SharedMoves.WINDOW_MILLIS);

        assertThat(told).containsExactly(IPV4, IPV6);
    }

    @Test
    void secondMoveSoonAfterIsToldOnceAtTheEnd() {
        seen("alice", IPV4);
        seen("carol", IPV4);
        pass(SharedMoves.WINDOW_MILLIS / 2);
        seen("alice", IPV4);
        seen("carol", IPV4);
        assertThat(told).containsExactly(IPV4);

        pass(SharedMoves.WINDOW_MILLIS / 2);
        assertThat(told).containsExactly(IPV4, IPV4);
        pass(SharedMoves.WINDOW_MILLIS);
        assertThat(told).hasSize(2);
    }

    @Test
    void moveThatOnlyASessionSeesThatHasJustComeIsAnother() {
        seen("alice", IPV4);
        seen("dave", IPV4);
        pass(SharedMoves.WINDOW_MILLIS);

        assertThat(told).containsExactly(IPV4, IPV4);
    }

    @Test
    void moveLaterIsToldAtOnce() {
        seen("alice", IPV4);
        pass(SharedMoves.WINDOW_MILLIS);
        seen("carol", IPV4);

        assertThat(told).containsExactly(IPV4, IPV4);
    }

    private void seen(String session, Set<Class<? extends InetAddress>> families) {
        moves.seen(session, families, SESSIONS, channel.eventLoop());
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }
}
