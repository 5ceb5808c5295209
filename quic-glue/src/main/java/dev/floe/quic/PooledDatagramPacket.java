package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.Recycler;
import java.net.InetSocketAddress;

/**
 * A packet that is used again, so that giving a datagram other addresses allocates nothing. It is counted by its content,
 * as any packet is, and goes back to its pool when the release of its last reference frees that; whoever keeps it retains
 * it. If the content is freed in another way, the packet is left to the garbage collector.
 */
final class PooledDatagramPacket extends DatagramPacket {

    private static final Recycler<PooledDatagramPacket> POOL = new Recycler<>() {
        @Override
        protected PooledDatagramPacket newObject(Handle<PooledDatagramPacket> handle) {
            return new PooledDatagramPacket(handle);
        }
    };

    private final Recycler.Handle<PooledDatagramPacket> handle;
    private ByteBuf content;
    private InetSocketAddress recipient;
    private InetSocketAddress sender;

    private PooledDatagramPacket(Recycler.Handle<PooledDatagramPacket> handle) {
        super(Unpooled.EMPTY_BUFFER, IcePathHandler.REMOTE_ADDRESS);
        this.handle = handle;
    }

    /** Takes over the content. */
    static PooledDatagramPacket of(ByteBuf content, InetSocketAddress recipient, InetSocketAddress sender) {
        PooledDatagramPacket packet = POOL.get();
        packet.content = content;
        packet.recipient = recipient;
        packet.sender = sender;
        return packet;
    }

    @Override
    public ByteBuf content() {
        return content;
    }

    @Override
    public InetSocketAddress recipient() {
        return recipient;
    }

    @Override
    public InetSocketAddress sender() {
        return sender;
    }

    @Override
    public int refCnt() {
        return content == null ? 0 : content.refCnt();
    }

    @Override
    public PooledDatagramPacket retain() {
        content.retain();
        return this;
    }

    @Override
    public PooledDatagramPacket retain(int increment) {
        content.retain(increment);
        return this;
    }

    @Override
    public PooledDatagramPacket touch() {
        content.touch();
        return this;
    }

    @Override
    public PooledDatagramPacket touch(Object hint) {
        content.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return release(1);
    }

    @Override
    public boolean release(int decrement) {
        if (content == null) {
            throw new IllegalReferenceCountException(0, -decrement);
        }
        boolean isFreed = content.release(decrement);
        if (isFreed) {
            content = null;
            // The addresses stay: Netty's NIO channel asks for the recipient of a packet that it has just released.
            handle.recycle(this);
        }
        return isFreed;
    }

    @Override
    public String toString() {
        return "PooledDatagramPacket(" + sender + " => " + recipient + ", " + content + ")";
    }
}
