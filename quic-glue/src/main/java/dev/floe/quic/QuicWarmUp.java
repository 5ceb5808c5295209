package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;

/**
 * A QUIC handshake with oneself and one byte echoed, all in memory. A cold JVM spends some 300 ms on the first
 * handshake, nearly all of it on loading classes and native code; done beside the gathering, that time is not missed.
 */
final class QuicWarmUp {

    private static final int MAX_ROUNDS = 20;

    private boolean accepted;
    private boolean echoed;

    private static boolean isWarm;

    private QuicWarmUp() {}

    /** Runs once in a JVM; whoever comes while it runs waits for its end. */
    static synchronized void once(PeerIdentity identity) {
        if (!isWarm) {
            isWarm = true;
            run(identity);
        }
    }

    /**
     * Runs to its end on the calling thread, which may be any but an event loop.
     *
     * @return whether handshake and echo have succeeded
     */
    static boolean run(PeerIdentity identity) {
        return new QuicWarmUp().handshakeAndEcho(identity);
    }

    private boolean handshakeAndEcho(PeerIdentity identity) {
        PeerTrust self = PeerTrust.fingerprint(identity.fingerprint());
        EmbeddedChannel server = new EmbeddedChannel(codec(
                new QuicServerCodecBuilder().handler(new Acceptor()).streamHandler(new Echo()),
                QuicTls.forServer(identity, self, "warm-up")));
        EmbeddedChannel client =
                new EmbeddedChannel(codec(new QuicClientCodecBuilder(), QuicTls.forClient(identity, self, "warm-up")));
        Future<QuicChannel> connected = QuicChannel.newBootstrap(client)
                .handler(new ChannelInboundHandlerAdapter())
                .localAddress(IcePathHandler.LOCAL_ADDRESS)
                .remoteAddress(IcePathHandler.REMOTE_ADDRESS)
                .connect();
        for (int round = 0; round < MAX_ROUNDS && !(accepted && connected.isSuccess()); round++) {
            exchange(client, server);
        }
        if (connected.isSuccess()) {
            connected.getNow().createStream(QuicStreamType.BIDIRECTIONAL, new OneByte());
            for (int round = 0; round < MAX_ROUNDS && !echoed; round++) {
                exchange(client, server);
            }
        }
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
        return echoed;
    }

    private static ChannelHandler codec(QuicCodecBuilder<?> builder, QuicTls tls) {
        return builder.sslContext(tls.context())
                .sslTaskExecutor(QuicTls.TASKS)
                .initialMaxData(1)
                .initialMaxStreamDataBidirectionalLocal(1)
                .initialMaxStreamDataBidirectionalRemote(1)
                .initialMaxStreamsBidirectional(1)
                .build();
    }

    private static void exchange(EmbeddedChannel client, EmbeddedChannel server) {
        deliver(client, server);
        deliver(server, client);
    }

    private static void deliver(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        for (DatagramPacket sent = from.readOutbound(); sent != null; sent = from.readOutbound()) {
            to.writeOneInbound(
                    new DatagramPacket(sent.content(), IcePathHandler.LOCAL_ADDRESS, IcePathHandler.REMOTE_ADDRESS));
        }
        to.flushInbound();
        to.runPendingTasks();
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            accepted = true;
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }

    private final class OneByte extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
            echoed = true;
        }
    }
}
