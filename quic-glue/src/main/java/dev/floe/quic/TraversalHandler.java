package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.quic.draft.Traversal;
import dev.floe.quic.draft.TraversalClient;
import dev.floe.quic.draft.TraversalFrame;
import dev.floe.quic.draft.TraversalOutput;
import dev.floe.quic.draft.TraversalServer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs a {@link Traversal} behind the ICE handler: what ICE finds goes in, the pairs that are to be checked come out, and
 * the frames go over their stream. Confined to the event loop.
 */
final class TraversalHandler extends ChannelInboundHandlerAdapter {

    private final IceHandler ice;
    private final Traversal traversal;
    private final long originNanos = System.nanoTime();
    private final Set<InetSocketAddress> relayed = new HashSet<>();
    private ChannelHandlerContext ctx;
    private TraversalStreamHandler stream;
    private Future<?> timer;
    private long timerNanos = Traversal.NEVER;
    private boolean isDraining;

    TraversalHandler(IceHandler ice, QuicRole role) {
        this.ice = ice;
        traversal = role == QuicRole.CLIENT ? new TraversalClient() : new TraversalServer();
    }

    /** How many of the other side's frames were of no use. */
    long ignored() {
        return traversal.ignored();
    }

    /** Null before it is there. */
    TraversalStreamHandler stream() {
        return stream;
    }

    void opened(TraversalStreamHandler opened) {
        stream = opened;
        traversal.opened(nowNanos());
        ice.selectedPair().ifPresent(this::selected);
        drain();
    }

    void heard(TraversalFrame frame) {
        traversal.heard(frame, nowNanos());
        drain();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stream = null;
        rearm(Traversal.NEVER);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(event);
        if (event instanceof IceEvent.LocalCandidateAdded added) {
            found(added.candidate());
        } else if (event instanceof IceEvent.LocalCandidateRemoved removed) {
            relayed.remove(removed.candidate().address());
            traversal.localRemoved(removed.candidate(), nowNanos());
        } else if (event instanceof IceEvent.PairNominated nominated && stream != null) {
            selected(nominated.pair());
        } else if (event instanceof IceEvent.Restarted) {
            traversal.restarted(nowNanos());
        } else if (event instanceof IceEvent.RestartFailed) {
            ice.selectedPair().ifPresent(this::selected);
        } else {
            return;
        }
        drain();
    }

    private void found(Candidate candidate) {
        if (candidate.type() == CandidateType.RELAYED) {
            relayed.add(candidate.address());
        } else if (!candidate.address().isUnresolved()) {
            traversal.localAdded(candidate, nowNanos());
        }
    }

    /** By its base, which is the relayed address itself: what is known of the remote candidate may come later. */
    private void selected(CandidatePair pair) {
        traversal.selected(relayed.contains(pair.base()), nowNanos());
    }

    // What is to be checked may make ICE tell something at once.
    private void drain() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        for (TraversalOutput output = traversal.poll(); output != null; output = traversal.poll()) {
            if (output instanceof TraversalOutput.Check check) {
                ice.checkDirect(check.pairs());
            } else if (output instanceof TraversalOutput.Say said && stream != null) {
                stream.say(said.frame());
            }
        }
        isDraining = false;
        rearm(ctx.isRemoved() ? Traversal.NEVER : traversal.deadlineNanos());
    }

    private void rearm(long deadlineNanos) {
        if (deadlineNanos == timerNanos) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = deadlineNanos;
        timer = deadlineNanos == Traversal.NEVER
                ? null
                : ctx.executor().schedule(this::advance, deadlineNanos - nowNanos(), TimeUnit.NANOSECONDS);
    }

    private void advance() {
        timerNanos = Traversal.NEVER;
        traversal.advance(nowNanos());
        drain();
    }

    private long nowNanos() {
        return System.nanoTime() - originNanos;
    }
}
