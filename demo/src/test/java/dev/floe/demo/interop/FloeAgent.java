package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunDatagram;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Our side of a test: ICE on a channel of its own, with the default configuration, and what came over the wire. */
final class FloeAgent implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;

    private final IceRole role;
    private final IceHandler ice;
    private final Channel channel;
    private final BlockingQueue<StunMessage> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<StunMessage> sent = new LinkedBlockingQueue<>();
    private final BlockingQueue<Optional<Candidate>> trickled = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();

    /** @param address where to listen; the wildcard address for all of the machine's */
    FloeAgent(EventLoopGroup group, IceRole role, InetAddress address) throws InterruptedException {
        this(group, IceConfig.of(role, List.of()), address);
    }

    FloeAgent(EventLoopGroup group, IceConfig config, InetAddress address) throws InterruptedException {
        role = config.role();
        ice = new IceHandler(config);
        channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), new Tap(), ice, new Listener());
                    }
                })
                .bind(address, 0)
                .sync()
                .channel();
    }

    /** The full description. */
    IceDescription describe() throws Exception {
        return await(ice.gather());
    }

    /** The description without any candidate; they follow as {@link #nextCandidate}. */
    IceDescription begin() throws Exception {
        IceDescription description = await(channel.eventLoop().submit(ice::localDescription));
        ice.gather();
        return description;
    }

    /** The next candidate to trickle, empty when there are no more. */
    Optional<Candidate> nextCandidate() throws InterruptedException {
        Optional<Candidate> candidate = trickled.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(candidate).as("a candidate within " + LIMIT_SECONDS + " s").isNotNull();
        return candidate;
    }

    /** Where the other side's description and its candidates go. */
    IceHandler ice() {
        return ice;
    }

    /** Takes the other side's description and waits for a nominated pair. */
    CandidatePair connect(IceDescription remote) throws Exception {
        ice.setRemoteDescription(remote);
        return awaitPair();
    }

    /** Waits for a nominated pair. */
    CandidatePair awaitPair() throws Exception {
        CandidatePair pair = await(ice.connected());
        assertThat(await(channel.eventLoop().submit(ice::state))).isEqualTo(IceState.COMPLETED);
        assertThat(await(channel.eventLoop().submit(ice::role))).isEqualTo(role);
        return pair;
    }

    /** Waits until, from now on, a check has been answered each way: once connected, that is consent (RFC 7675). */
    void awaitConsent() throws InterruptedException {
        sent.clear();
        received.clear();
        StunMessage ours = next(sent, message -> message.is(StunClass.REQUEST, StunMethod.BINDING));
        next(received, message -> isAnswer(message, ours));
        sent.clear();
        received.clear();
        StunMessage theirs = next(received, message -> message.is(StunClass.REQUEST, StunMethod.BINDING));
        next(sent, message -> isAnswer(message, theirs));
    }

    /** Sends a datagram the way that ICE has found. */
    void send(CandidatePair pair, String text) {
        channel.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, UTF_8), pair.remoteAddress()));
    }

    /** The next datagram that is not STUN. */
    byte[] awaitDatagram() throws InterruptedException {
        byte[] datagram = datagrams.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(datagram).as("a datagram within " + LIMIT_SECONDS + " s").isNotNull();
        return datagram;
    }

    /** Prints what the README's table says of this run, and a line of the other side's own log. */
    void report(String other, CandidatePair pair, String line) {
        String othersRole = role == IceRole.CONTROLLING ? "controlled" : "controlling";
        System.out.printf(
                "interop: %s %s | %s - %s | %s%n",
                other,
                othersRole,
                pair.local().type().token(),
                pair.remote().type().token(),
                line);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    private static boolean isAnswer(StunMessage message, StunMessage request) {
        return message.is(StunClass.SUCCESS, StunMethod.BINDING)
                && message.transactionId().equals(request.transactionId());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static StunMessage next(BlockingQueue<StunMessage> messages, Predicate<StunMessage> isWanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (true) {
            StunMessage message = messages.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(message).as("a message within " + LIMIT_SECONDS + " s").isNotNull();
            if (isWanted.test(message)) {
                return message;
            }
        }
    }

    /** Notes each STUN message on its way. */
    private final class Tap extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof StunDatagram datagram) {
                received.add(datagram.content());
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof StunDatagram datagram) {
                sent.add(datagram.content());
            }
            ctx.write(message, promise);
        }
    }

    /** Takes what ICE leaves, and the candidates that it finds. */
    private final class Listener extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.LocalCandidateAdded added) {
                trickled.add(Optional.of(added.candidate()));
            } else if (event instanceof IceEvent.GatheringCompleted) {
                trickled.add(Optional.empty());
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            datagrams.add(ByteBufUtil.getBytes(packet.content()));
        }
    }
}
