package dev.floe.ice.mdns;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks for names until they are answered, or long enough (RFC 6762 §5.2). On the event loop. */
final class MdnsResolver {

    /** The other side says how many names there are. */
    static final int MAX_NAMES = 32;

    // A query goes out before each of these waits.
    private static final int[] WAIT_SECONDS = {1, 2, 2};

    private final Map<String, Query> queries = new HashMap<>();
    private final EventLoop loop;
    private final Consumer<String> asker;

    MdnsResolver(EventLoop loop, Consumer<String> asker) {
        this.loop = loop;
        this.asker = asker;
    }

    Future<InetAddress> resolve(String name) {
        String key = name.toLowerCase(Locale.ROOT);
        Query known = queries.get(key);
        if (known != null) {
            return known.answered;
        }
        if (queries.size() == MAX_NAMES) {
            return loop.newFailedFuture(new IOException("more than " + MAX_NAMES + " names to resolve at once"));
        }
        Query query = new Query(key);
        queries.put(key, query);
        query.ask();
        return query.answered;
    }

    /** Takes the answers of one message; a name that they give more than one address is given up. */
    void receive(List<MdnsMessage.Answer> answers) {
        for (Query query : List.copyOf(queries.values())) {
            List<InetAddress> addresses = answers.stream()
                    .filter(answer -> answer.name().equals(query.name) && answer.ttlSeconds() > 0)
                    .map(MdnsMessage.Answer::address)
                    .distinct()
                    .toList();
            if (addresses.size() == 1) {
                query.end();
                query.answered.trySuccess(addresses.get(0));
            } else if (!addresses.isEmpty()) {
                query.fail("has " + addresses.size() + " addresses, expected one");
            }
        }
    }

    void close() {
        List.copyOf(queries.values()).forEach(query -> query.fail("is not looked for any more"));
    }

    private final class Query {
        final String name;
        final Promise<InetAddress> answered = loop.newPromise();

        private int asked;
        private ScheduledFuture<?> timer;

        Query(String name) {
            this.name = name;
        }

        void ask() {
            if (asked == WAIT_SECONDS.length) {
                fail("is answered for by nobody");
                return;
            }
            timer = loop.schedule(this::ask, WAIT_SECONDS[asked++], TimeUnit.SECONDS);
            asker.accept(name);
        }

        void fail(String reason) {
            end();
            answered.tryFailure(new UnknownHostException(name + " " + reason));
        }

        void end() {
            queries.remove(name);
            timer.cancel(false);
        }
    }
}
