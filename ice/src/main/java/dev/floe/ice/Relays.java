package dev.floe.ice;

import dev.floe.stun.turn.TurnAllocation;
import dev.floe.stun.turn.TurnConfig;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The relays of one session, be they its own or those of a channel that others use as well. On the event loop. */
interface Relays {

    /** Is told what becomes of each server's allocation; of the first attempt either of the first two. */
    interface Listener {
        void allocated(TurnServer server, TurnAllocation allocation);

        void failed(TurnServer server, Throwable cause);

        void lost(TurnServer server, TurnAllocation allocation, Throwable cause);

        /** The allocation has followed a move, and relays again. */
        void moved(TurnServer server, TurnAllocation allocation);
    }

    /** Puts the clients into the pipeline. */
    void open(ChannelHandlerContext ice, List<TurnConfig> servers);

    /**
     * Asks the servers for allocations, one each Ta (RFC 8445 §14). After a restart it tells again of those that are
     * there.
     */
    void start(Duration pacing);

    /**
     * The way to the servers of these families is another one now: their allocations follow or are made anew, and those
     * that could not be made are asked for once more.
     */
    void moved(Set<Class<? extends InetAddress>> families);

    /** A pair of this base works, or worked when it {@link #failed}. */
    void succeeded(InetSocketAddress base);

    /**
     * A pair of this base works no more. If it is a relay's, the server may have been started anew, which over UDP nobody
     * else would tell: it is asked whether it still knows the allocation, as often as that happens but for every two
     * seconds at most.
     */
    void failed(InetSocketAddress base);

    /** Gives the allocations back, unless others use them. */
    void stop();
}
