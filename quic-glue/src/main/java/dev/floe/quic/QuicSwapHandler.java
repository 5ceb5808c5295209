package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceEvent;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;

/**
 * Waits behind an {@link dev.floe.ice.IceHandler} until there is a way to the other side, then puts QUIC in its own place:
 *
 * <pre>
 *   before   StunCodec → IceHandler → QuicSwapHandler
 *   after    StunCodec → IceHandler → IcePathHandler → QUIC codec
 * </pre>
 *
 * The socket is never touched: not closed, not rebound, not handed over. What came for QUIC before the codec was there
 * is held and replayed into it.
 */
public final class QuicSwapHandler extends ChannelInboundHandlerAdapter {

    private final IcePathHandler path;
    private final ChannelHandler codec;
    private final QuicRole role;
    private final boolean isEarlyStart;
    private final HeldDatagrams held = new HeldDatagrams();

    private Promise<Channel> swapped;
    private CandidatePair valid;
    private boolean isSwapped;

    /**
     * A swap on a channel whose pipeline has an {@link dev.floe.ice.IceHandler} before this handler.
     *
     * @param path the path layer, which is added to the pipeline at the swap
     * @param codec a QUIC codec of the role, which is added to the pipeline at the swap
     * @param role the codec's
     * @param isEarlyStart whether a client may start on a pair whose far end ICE has authenticated, before the pair is
     *     known to be valid: half a round trip sooner, at the price of {@link EarlyGate}'s departure from RFC 7675 §5.1
     */
    public QuicSwapHandler(IcePathHandler path, ChannelHandler codec, QuicRole role, boolean isEarlyStart) {
        this.path = path;
        this.codec = codec;
        this.role = role;
        this.isEarlyStart = isEarlyStart;
    }

    /** {@return a future that completes on the event loop once the codec is in; fails if the channel closes before} */
    public Future<Channel> swapped() {
        return swapped;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        swapped = ctx.executor().newPromise();
    }

    /** Holds what is for QUIC, from addresses that ICE has authenticated, and drops all else. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet && path.admits(packet)) {
            boolean isFirst = held.isEmpty();
            if (held.hold(packet) && isFirst && valid != null) {
                serverHeardClient(ctx);
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent.PairNominated nominated) {
            path.open(nominated.pair());
            swap(ctx);
        } else if (event instanceof IceEvent.PairValidated validated && valid == null) {
            valid = validated.pair();
            if (!held.isEmpty()) {
                serverHeardClient(ctx);
            }
        } else if (event instanceof IceEvent.PairAuthenticated authenticated
                && isEarlyStart
                && role == QuicRole.CLIENT) {
            if (valid == null) {
                path.openEarly(authenticated.pair());
            } else {
                path.open(valid);
            }
            swap(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    // A client that has begun waits for nobody's nomination: data may go over any valid pair (RFC 8445 §12.1).
    private void serverHeardClient(ChannelHandlerContext ctx) {
        if (role == QuicRole.SERVER) {
            path.open(valid);
            swap(ctx);
        }
    }

    private void swap(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        List<String> before = handlerNames(pipeline);
        pipeline.addAfter(ctx.name(), null, path);
        pipeline.addAfter(pipeline.context(path).name(), null, codec);
        int replayed = held.replay(ctx::fireChannelRead);
        ctx.fireChannelReadComplete();
        isSwapped = true;
        pipeline.remove(this);
        pipeline.fireUserEventTriggered(new SwapEvent(before, handlerNames(pipeline), replayed));
        swapped.setSuccess(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.release();
        if (!isSwapped) {
            swapped.tryFailure(new IllegalStateException("the channel was closed before the swap"));
        }
    }

    // Without the tail, which is every pipeline's.
    private static List<String> handlerNames(ChannelPipeline pipeline) {
        return List.copyOf(pipeline.toMap().keySet());
    }
}
