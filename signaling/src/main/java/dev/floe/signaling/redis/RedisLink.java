package dev.floe.signaling.redis;

import dev.floe.signaling.SignalingException;
import dev.floe.signaling.room.RoomName;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The few things that are asked of Redis, over two connections that are made again when they are lost. Any thread. */
final class RedisLink {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RECONNECT_DELAY = Duration.ofMillis(300);
    private static final String NODE = "floe:node:";
    private static final String ROOM = "floe:room:";

    // Puts a state in place of the one that was expected and tells nodes of it, or answers with the one that is there.
    private static final String REPLACE = """
            local known = redis.call('HMGET', KEYS[1], 'version', 'state')
            local version = known[1] or '0'
            if version ~= ARGV[1] then
              return {version, known[2] or ''}
            end
            if ARGV[3] == '' then
              redis.call('DEL', KEYS[1])
            else
              redis.call('HSET', KEYS[1], 'version', ARGV[2], 'state', ARGV[3])
              redis.call('PEXPIRE', KEYS[1], ARGV[4])
            end
            for i = 6, #ARGV do
              redis.call('PUBLISH', ARGV[i], ARGV[5])
            end
            return {}
            """;

    // Lets a room live on, and answers with what is there.
    private static final String TOUCH = """
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
            local known = redis.call('HMGET', KEYS[1], 'version', 'state')
            return {known[1] or '0', known[2] or ''}
            """;

    private final ClientResources resources;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> commands;
    private final StatefulRedisPubSubConnection<String, String> news;

    private RedisLink(
            ClientResources resources,
            RedisClient client,
            StatefulRedisConnection<String, String> commands,
            StatefulRedisPubSubConnection<String, String> news) {
        this.resources = resources;
        this.client = client;
        this.commands = commands;
        this.news = news;
    }

    /** News of a room that a node has told another one. */
    record News(RoomName name, Versioned room) {

        private static News parse(String message) {
            String[] parts = message.split("\n", 3);
            return new News(new RoomName(parts[0]), new Versioned(Long.parseLong(parts[1]), parts[2]));
        }

        private String text() {
            return name.value() + "\n" + room.version() + "\n" + room.state();
        }
    }

    static CompletionStage<RedisLink> connect(URI uri) {
        ClientResources resources = ClientResources.builder()
                .reconnectDelay(Delay.constant(RECONNECT_DELAY))
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .build();
        RedisURI address = RedisURI.create(uri);
        address.setTimeout(TIMEOUT);
        RedisClient client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
                .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).build())
                .build());
        return client.connectAsync(StringCodec.UTF8, address)
                .thenCombine(
                        client.connectPubSubAsync(StringCodec.UTF8, address),
                        (commands, news) -> new RedisLink(resources, client, commands, news))
                .handle((link, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(link);
                    }
                    shutDown(client, resources);
                    return CompletableFuture.<RedisLink>failedFuture(new SignalingException(
                            SignalingException.IO,
                            "Redis at " + uri.getHost() + " port " + address.getPort() + " cannot be reached",
                            failure));
                })
                .thenCompose(link -> link);
    }

    /**
     * Hears what other nodes tell this one.
     *
     * @param reconnected told when a connection has been lost and made again: something may have been missed
     */
    CompletionStage<Void> listen(String node, Consumer<News> listener, Runnable reconnected) {
        news.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                listener.accept(News.parse(message));
            }

            @Override
            public void subscribed(String channel, long count) {
                reconnected.run();
            }
        });
        return news.async().subscribe(NODE + node);
    }

    boolean isOpen() {
        return commands.isOpen() && news.isOpen();
    }

    /**
     * Puts a new state of a room in the place of the expected one, and tells the nodes.
     *
     * @return empty if it is done; otherwise what is there instead of the expected one
     */
    CompletionStage<List<Versioned>> replace(
            RoomName name, Versioned expected, Versioned next, Duration life, Collection<String> nodes) {
        Stream<String> arguments = Stream.of(
                String.valueOf(expected.versionInRedis()),
                String.valueOf(next.version()),
                next.state(),
                String.valueOf(life.toMillis()),
                new News(name, next).text());
        return run(REPLACE, name, Stream.concat(arguments, nodes.stream().map(NODE::concat)));
    }

    /** Lets a room live on for a while, and completes with its one state. */
    CompletionStage<Versioned> touch(RoomName name, Duration life) {
        return run(TOUCH, name, Stream.of(String.valueOf(life.toMillis()))).thenApply(found -> found.get(0));
    }

    /** This node is alive, for a while. */
    CompletionStage<String> beat(String node, Duration life) {
        return commands.async().set(NODE + node, "alive", SetArgs.Builder.px(life));
    }

    CompletionStage<Boolean> isAlive(String node) {
        return commands.async().exists(NODE + node).thenApply(count -> count > 0);
    }

    CompletionStage<Void> close() {
        return shutDown(client, resources);
    }

    private CompletionStage<List<Versioned>> run(String script, RoomName name, Stream<String> arguments) {
        return commands.async()
                .<List<String>>eval(
                        script,
                        ScriptOutputType.MULTI,
                        new String[] {ROOM + name.value()},
                        arguments.toArray(String[]::new))
                .thenApply(found -> found.isEmpty()
                        ? List.of()
                        : List.of(new Versioned(Long.parseLong(found.get(0)), found.get(1))));
    }

    private static CompletionStage<Void> shutDown(RedisClient client, ClientResources resources) {
        return client.shutdownAsync(0, TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(() -> resources.shutdown(0, TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }
}
