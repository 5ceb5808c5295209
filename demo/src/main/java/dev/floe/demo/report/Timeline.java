package dev.floe.demo.report;

import dev.floe.ice.IceEvent;
import dev.floe.quic.IcePathHandler;
import dev.floe.quic.PathChangedEvent;
import dev.floe.quic.SwapEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Stands behind the ICE handler and reports what passes as user events. */
public final class Timeline extends ChannelInboundHandlerAdapter {

    private final PeerReport report;
    private int candidates;
    private boolean isGathered;
    private boolean isConnected;

    public Timeline(PeerReport report) {
        this.report = report;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent ice) {
            report(ice);
        } else if (event instanceof SwapEvent swap) {
            IcePathHandler path = ctx.pipeline().get(IcePathHandler.class);
            report.swapped(swap, path::unauthenticated);
        } else if (event instanceof PathChangedEvent change) {
            report.pathChanged(change.from(), change.to(), change.gap());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void report(IceEvent event) {
        if (event instanceof IceEvent.LocalCandidateAdded local) {
            candidates++;
            report.candidate("local", local.candidate());
        } else if (event instanceof IceEvent.RemoteCandidateAdded remote) {
            // Whoever checks this side before signaling names a candidate has been learned all the same.
            report.signaled();
            report.candidate("remote", remote.candidate());
        } else if (event instanceof IceEvent.GatheringCompleted && !isGathered) {
            // After a change of network it is over once more.
            isGathered = true;
            report.gathered(candidates);
        } else if (event instanceof IceEvent.PairValidated valid && !isConnected) {
            isConnected = true;
            report.iceConnected(valid.pair(), valid.rtt());
        } else if (event instanceof IceEvent.PairNominated nominated) {
            report.nominated(nominated.pair(), nominated.rtt());
        }
    }
}
