package dev.floe.quic;

import dev.floe.ice.CandidatePairStats;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** How much data has gone over each way between two peers; of too many ways the one longest out of use is forgotten. */
final class PathTraffic {

    static final int MAX_WAYS = 256;

    private final Map<Way, Count> counts = new LinkedHashMap<>();

    private record Way(InetSocketAddress base, InetSocketAddress remote) {}

    /** The bytes of one way, without STUN. */
    static final class Count {
        private long sent;
        private long received;

        void sent(int bytes) {
            sent += bytes;
        }

        void received(int bytes) {
            received += bytes;
        }
    }

    /** Where to count what goes over a way: to be kept, rather than asked for with each datagram. */
    Count over(InetSocketAddress base, InetSocketAddress remote) {
        Way way = new Way(base, remote);
        Count known = counts.remove(way);
        Count count = known == null ? new Count() : known;
        counts.put(way, count);
        if (counts.size() > MAX_WAYS) {
            counts.remove(counts.keySet().iterator().next());
        }
        return count;
    }

    /** The pair's statistics with what has gone over it. */
    CandidatePairStats addTo(CandidatePairStats stats) {
        Count count = counts.get(new Way(stats.pair().base(), stats.pair().remoteAddress()));
        return count == null ? stats : stats.withBytes(count.sent, count.received);
    }
}
