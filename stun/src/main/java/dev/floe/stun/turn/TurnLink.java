package dev.floe.stun.turn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;

/** The way to the server, on the channel's event loop. */
interface TurnLink {
    /** Whether what is sent arrives for as long as the way is there (RFC 8489, section 6.2). */
    boolean isReliable();

    /** Whether data is better dropped than sent. */
    boolean isCongested();

    /** Takes over {@code frame}. */
    void write(ByteBuf frame, ChannelPromise promise);

    void flush();

    /** Ends a way that is not the datagram channel itself. */
    void close();
}
