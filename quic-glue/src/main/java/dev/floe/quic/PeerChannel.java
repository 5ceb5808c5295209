package dev.floe.quic;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;

/**
 * One peer's part in a datagram channel that many peers share: a datagram channel itself to whatever is in its pipeline.
 * What is written to it leaves by the shared channel, what comes for the peer is read from it, and closing it closes
 * nothing else.
 */
final class PeerChannel extends AbstractChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    // The block that is routed nowhere (RFC 6666).
    private static final long DISCARD_PREFIX = 0x0100L << 48;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final PeerDemultiplexer demultiplexer;
    private final long label;
    private final InetSocketAddress quicAddress;
    private boolean isRegistered;
    private volatile boolean isOpen = true;

    /** @param label of its own among the peers of the port, and not to be guessed */
    PeerChannel(PeerDemultiplexer demultiplexer, long label) {
        super(demultiplexer.channel());
        this.demultiplexer = demultiplexer;
        this.label = label;
        quicAddress = new InetSocketAddress(inDiscardBlock(label), 1);
    }

    /** What connection ids for this peer begin with. */
    long label() {
        return label;
    }

    /** The address at which QUIC believes this peer to be. */
    InetSocketAddress quicAddress() {
        return quicAddress;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }

    @Override
    public boolean isActive() {
        return isOpen && isRegistered;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop == parent().eventLoop();
    }

    @Override
    protected SocketAddress localAddress0() {
        return parent().localAddress();
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    /** Deprecated in Netty 4.2, but its successor is not in 4.1. */
    @SuppressWarnings("deprecation")
    @Override
    protected void doRegister() throws Exception {
        if (!parent().isActive()) {
            throw new ClosedChannelException();
        }
        isRegistered = true;
        demultiplexer.add(this);
    }

    @Override
    protected void doClose() {
        isOpen = false;
        demultiplexer.remove(this);
    }

    @Override
    protected void doBeginRead() {
        // What comes is read when the port reads it.
    }

    @Override
    protected void doBind(SocketAddress local) {
        throw new UnsupportedOperationException("a peer's channel has the address of its port");
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    /** What a promise that is kept lets somebody write and flush is left to the same call. */
    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) throws Exception {
        while (!waiting.isEmpty()) {
            writeFlushed(waiting);
        }
    }

    /** The port tells at once what cannot be sent; what waits for its socket counts as sent, as in the socket's buffer. */
    private void writeFlushed(ChannelOutboundBuffer waiting) throws Exception {
        List<ChannelFuture> sent = new ArrayList<>(waiting.size());
        waiting.forEachFlushedMessage(
                message -> sent.add(demultiplexer.send(this, ReferenceCountUtil.retain(message))));
        demultiplexer.flushSent();
        for (ChannelFuture datagram : sent) {
            if (datagram.cause() == null) {
                waiting.remove();
            } else {
                waiting.remove(datagram.cause());
            }
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("a peer's channel takes datagrams for anywhere"));
            }
        };
    }

    private static InetAddress inDiscardBlock(long label) {
        byte[] address = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(DISCARD_PREFIX)
                .putLong(label)
                .array();
        try {
            return Inet6Address.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a length of its own", e);
        }
    }
}
