package dev.floe.demo.bench;

import dev.floe.ice.IceEvent;
import dev.floe.quic.SwapEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.EnumMap;
import java.util.Map;

/** When one peer took each step on its way to a connection, for the first time. Safe for several threads. */
final class Moments extends ChannelInboundHandlerAdapter {

    /** In the order in which they usually come. */
    enum Step {
        /** The other side's description and a candidate of it are there. */
        SIGNALED,
        /** The other side has proven that it knows the password. */
        AUTHENTICATED,
        /** The first check is answered. */
        ANSWERED,
        NOMINATED,
        SWAPPED,
        /** The QUIC handshake is complete on this side. */
        CONNECTED,
        /** The first byte of the application has come. */
        HEARD
    }

    private final Map<Step, Long> nanos = new EnumMap<>(Step.class);

    synchronized void note(Step step) {
        nanos.putIfAbsent(step, System.nanoTime());
    }

    /** In nanoseconds; NaN if it has not happened. */
    synchronized double at(Step step) {
        Long at = nanos.get(step);
        return at == null ? Double.NaN : at;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.RemoteCandidateAdded) {
            note(Step.SIGNALED);
        } else if (event instanceof IceEvent.PairAuthenticated) {
            note(Step.AUTHENTICATED);
        } else if (event instanceof IceEvent.PairValidated) {
            note(Step.ANSWERED);
        } else if (event instanceof IceEvent.PairNominated) {
            note(Step.NOMINATED);
        } else if (event instanceof SwapEvent) {
            note(Step.SWAPPED);
        }
        ctx.fireUserEventTriggered(event);
    }
}
