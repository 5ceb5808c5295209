package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceException;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceState;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;

/** Waits behind the ICE handler for what comes of the next restart, then leaves. */
final class RestartOutcome extends ChannelInboundHandlerAdapter {

    private final IceHandler ice;
    private final Promise<CandidatePair> outcome;
    private boolean isUnderWay;

    RestartOutcome(IceHandler ice, Promise<CandidatePair> outcome) {
        this.ice = ice;
        this.outcome = outcome;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.Restarted) {
            isUnderWay = true;
        } else if (event instanceof IceEvent.RestartFailed) {
            outcome.tryFailure(new IceException(IceEvent.SessionFailed.Reason.NO_PATH));
        } else if (event instanceof IceEvent.SessionFailed failure) {
            outcome.tryFailure(new IceException(failure.reason()));
        } else if (isUnderWay
                && event instanceof IceEvent.StateChanged changed
                && changed.state() == IceState.COMPLETED) {
            ice.selectedPair().ifPresent(outcome::trySuccess);
        }
        ctx.fireUserEventTriggered(event);
        if (outcome.isDone()) {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        outcome.tryFailure(new ClosedChannelException());
    }
}
