package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Waits behind the ICE handler until it is known where this side is observed: until all is gathered, or a moment after the
 * first STUN server has answered, so that one that does not holds nothing up. Then it leaves.
 */
final class PunchAddresses extends ChannelInboundHandlerAdapter {

    private static final long MOMENT_MILLIS = 200;

    private Promise<Void> known;

    /**
     * What of these candidates a peer without ICE can dial, what servers have observed first: a relay lets in only whom it
     * is told of, and a name is for those who ask.
     */
    static List<InetSocketAddress> of(List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate ->
                        candidate.type() == CandidateType.SERVER_REFLEXIVE || candidate.type() == CandidateType.HOST)
                .filter(candidate -> !candidate.isMdns())
                .sorted(Comparator.comparing(candidate -> candidate.type() == CandidateType.HOST))
                .map(Candidate::address)
                .distinct()
                .toList();
    }

    Future<Void> known() {
        return known;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        known = ctx.executor().newPromise();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(event);
        if (event instanceof IceEvent.GatheringCompleted) {
            leave(ctx);
        } else if (event instanceof IceEvent.LocalCandidateAdded added
                && added.candidate().type() == CandidateType.SERVER_REFLEXIVE) {
            ctx.executor().schedule(() -> leave(ctx), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void leave(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved() && known.trySuccess(null)) {
            ctx.pipeline().remove(this);
        }
    }
}
