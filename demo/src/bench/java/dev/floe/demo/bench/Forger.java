package dev.floe.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A socket that sends both ends of a link datagrams whose headers are the connection's own and whose rest is noise. */
final class Forger implements AutoCloseable {

    private static final int PER_SECOND = 1_000;
    private static final int HEADER_BYTES = 21;
    private static final int DATAGRAM_BYTES = 1_200;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Link link;
    private final DatagramSocket socket;
    private final Header toClient = new Header();
    private final Header toServer = new Header();
    private volatile boolean isRunning;
    private volatile boolean isClosed;
    private volatile long sent;

    private Forger(Link link) throws IOException {
        this.link = link;
        socket = new DatagramSocket();
        link.client().parent().pipeline().addFirst(toClient);
        link.server().parent().pipeline().addFirst(toServer);
        Thread thread = new Thread(this::forge, "forger");
        thread.setDaemon(true);
        thread.start();
    }

    static Forger against(Link link) throws IOException {
        return new Forger(link);
    }

    /** Starts or pauses. */
    void run(boolean isRunning) {
        this.isRunning = isRunning;
    }

    /** How many have been sent. */
    long sent() {
        return sent;
    }

    @Override
    public void close() {
        isClosed = true;
        socket.close();
    }

    private void forge() {
        long due = System.nanoTime();
        while (!isClosed) {
            due = Math.max(due + TimeUnit.SECONDS.toNanos(1) / PER_SECOND, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            if (isRunning) {
                send(toClient, link.client());
                send(toServer, link.server());
            }
        }
    }

    // One thread writes.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void send(Header header, QuicChannel victim) {
        byte[] bytes = new byte[DATAGRAM_BYTES];
        random.nextBytes(bytes);
        System.arraycopy(header.bytes, 0, bytes, 0, HEADER_BYTES);
        SocketAddress bound = victim.parent().localAddress();
        if (bound instanceof InetSocketAddress address) {
            try {
                socket.send(new java.net.DatagramPacket(
                        bytes, bytes.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort())));
                sent++;
            } catch (IOException e) {
                isRunning = false;
            }
        }
    }

    /** Reads along until it has seen a short header: one byte and the connection's id. */
    private static final class Header extends ChannelInboundHandlerAdapter {
        private volatile byte[] bytes = new byte[HEADER_BYTES];

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf content = ((DatagramPacket) message).content();
            if (content.readableBytes() > HEADER_BYTES && (content.getByte(content.readerIndex()) & 0xC0) == 0x40) {
                bytes = Arrays.copyOf(ByteBufUtil.getBytes(content), HEADER_BYTES);
                ctx.pipeline().remove(this);
            }
            ctx.fireChannelRead(message);
        }
    }
}
