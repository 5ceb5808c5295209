package dev.floe.stun;

import io.netty.channel.CombinedChannelDuplexHandler;

/** {@link StunDatagramDecoder} and {@link StunDatagramEncoder} in one. */
public final class StunCodec extends CombinedChannelDuplexHandler<StunDatagramDecoder, StunDatagramEncoder> {
    /** A codec for one channel. */
    public StunCodec() {
        super(new StunDatagramDecoder(), new StunDatagramEncoder());
    }

    /** {@return how many malformed messages have been dropped} Callable from any thread. */
    public long malformed() {
        return inboundHandler().malformed();
    }
}
