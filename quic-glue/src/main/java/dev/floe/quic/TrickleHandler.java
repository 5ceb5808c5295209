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
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other side, for as long as the connection lives, of this side's candidates as the ICE handler before it finds
 * them: through signaling and, once it stands, over the control stream, which alone hears of restarts. Tells signaling when
 * it is needed anew.
 */
final class TrickleHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(TrickleHandler.class);

    /** What came before there was a session to tell. */
    private final Set<Candidate> early = new HashSet<>();

    /** What the session has begun with, and has yet to come as an event, once: after a move the same may come again. */
    private final Set<Candidate> described = new HashSet<>();

    private final InBandSignaling inBand;
    private final Predicate<Candidate> isTold;
    private Promise<Void> started;
    private TrickleExchange.Session session;
    private boolean isGathered;
    private boolean isEndTold;

    TrickleHandler(InBandSignaling inBand) {
        this(inBand, candidate -> true);
    }

    /** @param isTold which candidates the other side is to know from here */
    TrickleHandler(InBandSignaling inBand, Predicate<Candidate> isTold) {
        this.inBand = inBand;
        this.isTold = isTold;
    }

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
        this.described.addAll(described);
        this.described.removeAll(early);
        early.clear();
        if (isGathered) {
            tellEnd();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        started = ctx.executor().newPromise();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.LocalCandidateAdded found) {
            started.trySuccess(null);
            if (isTold.test(found.candidate())) {
                tell(found.candidate());
            }
        } else if (event instanceof IceEvent.GatheringCompleted) {
            isGathered = true;
            started.trySuccess(null);
            tellEnd();
            inBand.gathered();
        } else if (event instanceof IceEvent.Restarted restarted) {
            inBand.restarted(restarted.local());
        } else if (event instanceof IceEvent.NetworkChanged || event instanceof IceEvent.PathLost) {
            toSession(() -> session.networkChanged());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void tell(Candidate candidate) {
        if (session == null) {
            early.add(candidate);
        } else if (!described.remove(candidate)) {
            toSession(() -> session.add(candidate));
        }
        inBand.found(candidate);
    }

    // Once: what is found later, after a move, is told all the same.
    private void tellEnd() {
        if (!isEndTold && session != null) {
            isEndTold = true;
            toSession(() -> session.end());
        }
    }

    // A connection outlives its signaling.
    private void toSession(Runnable word) {
        if (session == null) {
            return;
        }
        try {
            word.run();
        } catch (RuntimeException e) {
            log.debug("not told through signaling", e);
        }
    }
}
