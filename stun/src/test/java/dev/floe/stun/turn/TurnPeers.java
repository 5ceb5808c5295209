package dev.floe.stun.turn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.stun.StunCodec;
import dev.floe.testing.NioLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** TURN clients, and peers that send back whatever they hear, on real sockets. */
final class TurnPeers implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final EventLoopGroup group = NioLoops.create(1);

    /** A channel with a TURN client, and all that it hears. */
    record Client(
            Channel channel,
            TurnClientHandler handler,
            BlockingQueue<Received> inbound,
            BlockingQueue<TurnEvent> events) {

        record Received(String data, InetSocketAddress sender, InetSocketAddress recipient) {}

        TurnAllocation allocate() throws Exception {
            return handler.allocate().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        InetSocketAddress address() {
            return (InetSocketAddress) channel.localAddress();
        }

        void send(String text, InetSocketAddress relayed, InetSocketAddress peer) {
            write(text.getBytes(UTF_8), relayed, peer);
        }

        void sendBytes(int length, InetSocketAddress relayed, InetSocketAddress peer) {
            write(new byte[length], relayed, peer);
        }

        /** The next datagram that comes, as {@code "text from sender to recipient"}. */
        String receive() throws InterruptedException {
            Received next = next();
            return next.data() + " from " + next.sender() + " to " + next.recipient();
        }

        int receivedBytes() throws InterruptedException {
            return next().data().length();
        }

        /** Returns once data to {@code peer} goes on a channel. */
        void awaitChannel(InetSocketAddress peer) throws Exception {
            while (!channel.eventLoop()
                    .submit(() -> handler.hasChannel(peer))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                Thread.onSpinWait();
            }
        }

        <E extends TurnEvent> E event(Class<E> kind) throws InterruptedException {
            while (true) {
                TurnEvent event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName());
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }

        private Received next() throws InterruptedException {
            Received next = inbound.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came");
            }
            return next;
        }

        private void write(byte[] data, InetSocketAddress relayed, InetSocketAddress peer) {
            channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(data), peer, relayed));
        }
    }

    Client client(String local, TurnConfig config) throws InterruptedException {
        TurnClientHandler handler = new TurnClientHandler(config);
        BlockingQueue<Client.Received> inbound = new LinkedBlockingQueue<>();
        BlockingQueue<TurnEvent> events = new LinkedBlockingQueue<>();
        Channel channel = bind(local, handler, new StunCodec(), new Recorder(inbound, events));
        return new Client(channel, handler, inbound, events);
    }

    /** The address of a peer that sends everything back. */
    InetSocketAddress echo(String local) throws InterruptedException {
        return (InetSocketAddress) bind(local, new Echo()).localAddress();
    }

    /** A NAT in front of {@code server}. */
    RebindingNat nat(InetSocketAddress server) throws InterruptedException {
        return new RebindingNat(handler -> bind("127.0.0.1", handler), server);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Channel bind(String local, ChannelHandler... handlers) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                    }
                })
                .bind(local, 0)
                .sync()
                .channel();
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            DatagramPacket packet = (DatagramPacket) msg;
            ctx.writeAndFlush(new DatagramPacket(packet.content(), packet.sender()));
        }
    }

    private static final class Recorder extends SimpleChannelInboundHandler<DatagramPacket> {
        private final BlockingQueue<Client.Received> inbound;
        private final BlockingQueue<TurnEvent> events;

        Recorder(BlockingQueue<Client.Received> inbound, BlockingQueue<TurnEvent> events) {
            this.inbound = inbound;
            this.events = events;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            String data = packet.content().toString(UTF_8);
            // Coturn answers a ticket with a stray datagram too, which is neither STUN nor ChannelData, and passes.
            if (!packet.recipient().equals(ctx.channel().localAddress())) {
                inbound.add(new Client.Received(data, packet.sender(), packet.recipient()));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof TurnEvent turn) {
                events.add(turn);
            }
        }
    }
}
