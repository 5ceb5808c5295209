package dev.floe.demo.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalingClient;
import dev.floe.signaling.SignalingClientConfig;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.redis.RedisServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three signaling servers, each a process, and a real Redis: what is killed takes no message with it. */
class ManyNodesIT {

    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final Duration REDIS_GONE = Duration.ofSeconds(10);
    private static final SignalingClientConfig PATIENT =
            SignalingClientConfig.DEFAULT.withReconnectTimeout(Duration.ofSeconds(40));

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<ProcessPeer> nodes = new ArrayList<>();
    private final List<URI> uris = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.start();
        for (int i = 0; i < 3; i++) {
            nodes.add(ProcessPeer.floe(
                    Host.local(),
                    "server",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--stun-port",
                    "0",
                    "--redis",
                    redis.uri().toString()));
        }
        for (ProcessPeer node : nodes) {
            int port = node.awaitEvent("listening", LIMIT).path("port").asInt();
            uris.add(URI.create("ws://127.0.0.1:" + port));
        }
    }

    @AfterEach
    void stop() {
        nodes.forEach(ProcessPeer::close);
        redis.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void peersGoOnWithoutGapOrRepetitionWhenTheirNodesAreKilled() throws Exception {
        CountingPeer a = join("room", uris.get(0), uris.get(2));
        CountingPeer b = join("room", uris.get(1), uris.get(2));
        talk(a, b, 100);
        a.awaitHeard(50, LIMIT);
        nodes.get(0).close();
        talk(a, b, 100);
        a.awaitWelcomes(2, LIMIT);
        talk(a, b, 100);
        nodes.get(1).close();
        talk(a, b, 100);

        a.assertHeardAll(400, LIMIT);
        b.assertHeardAll(400, LIMIT);
        assertThat(a.heard()).doesNotContain(new SignalMessage.PeerLeft());
        assertThat(b.heard()).doesNotContain(new SignalMessage.PeerLeft());
        a.close();
        b.close();
    }

    @Test
    void redisMayBeGoneForTenSeconds() throws Exception {
        CountingPeer a = join("room", uris.get(0));
        CountingPeer b = join("room", uris.get(1));
        talk(a, b, 10);
        redis.kill();
        long end = System.nanoTime() + REDIS_GONE.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            Throwable refusal = SignalingClient.joinRoom(group, uris.get(i % 3), "new" + i)
                    .await()
                    .cause();
            assertThat(refusal)
                    .isInstanceOfSatisfying(
                            SignalingException.class, e -> assertThat(e.code()).isEqualTo("unavailable"));
            TimeUnit.MILLISECONDS.sleep(100);
        }
        talk(a, b, 10);
        redis.startAgain();
        talk(a, b, 10);

        a.assertHeardAll(30, LIMIT);
        b.assertHeardAll(30, LIMIT);
        assertThat(a.welcomes() + b.welcomes()).isEqualTo(2);
        CountingPeer c = joinSoon("new", uris.get(0));
        CountingPeer d = joinSoon("new", uris.get(2));
        talk(c, d, 10);
        c.assertHeardAll(10, LIMIT);
        d.assertHeardAll(10, LIMIT);
        List.of(a, b, c, d).forEach(CountingPeer::close);
    }

    private CountingPeer join(String room, URI... servers) throws Exception {
        return CountingPeer.join(group, List.of(servers), room, PATIENT);
    }

    private CountingPeer joinSoon(String room, URI server) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                return join(room, server);
            } catch (SignalingException e) {
                assertThat(System.nanoTime()).as(e.getMessage()).isLessThan(deadline);
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private static void talk(CountingPeer a, CountingPeer b, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            a.sayNext();
            b.sayNext();
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
