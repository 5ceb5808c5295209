package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceEvent;
import dev.floe.ice.TrickleExchange;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Tells the other side of this side's candidates as the ICE handler before it finds them. Leaves after the last. */
final class TrickleHandler extends ChannelInboundHandlerAdapter {

    private final Set<Candidate> told = new HashSet<>();
    private Promise<Void> started;
    private TrickleExchange.Session session;
    private ChannelHandlerContext ctx;
    private boolean isLast;

    /** Completes, on the event loop, when the first candidates are there. */
    Future<Void> started() {
        return started;
    }

    /**
     * The session through which to tell.
     *
     * @param described the candidates that it has been begun with
     */
    void tellThrough(TrickleExchange.Session begun, Collection<Candidate> described) {
        session = begun;
        told.addAll(described);
        if (isLast) {
            end();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        started = ctx.executor().newPromise();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.LocalCandidateAdded found) {
            started.trySuccess(null);
            if (session != null && told.add(found.candidate())) {
                session.add(found.candidate());
            }
        } else if (event instanceof IceEvent.GatheringCompleted) {
            started.trySuccess(null);
            isLast = true;
            if (session != null) {
                end();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private void end() {
        session.end();
        ctx.pipeline().remove(this);
    }
}
