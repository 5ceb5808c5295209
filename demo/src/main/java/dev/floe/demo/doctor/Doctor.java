package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunServerHandler;
import dev.floe.stun.turn.TurnServer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Asks every server, has the NAT tested by one of them, and says what that means. It blocks, and takes about five seconds
 * where something does not answer.
 */
public final class Doctor {

    /** What does not answer until then is not there; RFC 8489's own timing would take forty seconds to say so. */
    private static final Duration RELAY_PATIENCE = Duration.ofSeconds(10);

    private static final String SILENCE = "no answer";
    private static final String NO_WAY_OUT = "no-path";

    private final EventLoopGroup group;
    private final long startNanos = System.nanoTime();
    private final long deadlineNanos;

    /** @param limit how long it may take in all */
    public Doctor(EventLoopGroup group, Duration limit) {
        this.group = group;
        this.deadlineNanos = startNanos + limit.toNanos();
    }

    /** The servers' addresses may be unresolved. */
    public Event.Diagnosis diagnose(List<InetSocketAddress> stun, List<TurnServer> turn) throws InterruptedException {
        List<TurnTrial> relays =
                turn.stream().map(server -> TurnTrial.start(group, server)).toList();
        // It also answers, so that another port can try whether the NAT leads back here.
        Channel port = bind(group, client(), new StunServerHandler());
        List<StunTrial> trials =
                stun.stream().flatMap(server -> StunTrial.start(server, port)).toList();
        for (StunTrial trial : trials) {
            await(trial.answer(), deadlineNanos);
        }
        NetworkTrial ipv4 = NetworkTrial.start(group, Inet4Address.class, trials);
        NetworkTrial ipv6 = NetworkTrial.start(group, Inet6Address.class, trials);
        for (Future<?> test : Stream.of(ipv4, ipv6).flatMap(NetworkTrial::tests).toList()) {
            await(test, deadlineNanos);
        }
        long patience = Math.min(deadlineNanos, startNanos + RELAY_PATIENCE.toNanos());
        for (TurnTrial relay : relays) {
            await(relay.allocation(), patience);
        }
        for (Future<?> end : relays.stream().map(TurnTrial::end).toList()) {
            end.await();
        }
        return diagnosis(
                ipv4.result(),
                ipv6.result(),
                trials.stream().map(StunTrial::result).toList(),
                relays.stream().map(TurnTrial::result).toList());
    }

    /** A channel on any port of all addresses, for requests that give up in two and a half seconds. */
    static Channel bind(EventLoopGroup group, ChannelHandler... handlers) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec()).addLast(handlers);
                    }
                })
                .bind(0)
                .sync()
                .channel();
    }

    static StunClientHandler client() {
        return new StunClientHandler(500, 3, 2, 64);
    }

    /** Why a future has no result, in words. */
    static String reason(Future<?> future) {
        if (!future.isDone()) {
            return SILENCE + " in time";
        }
        Throwable cause = future.cause();
        boolean isSilence = cause instanceof TimeoutException;
        return isSilence || cause.getMessage() == null ? SILENCE : cause.getMessage();
    }

    static <A extends InetAddress> boolean isOf(Class<A> family, InetSocketAddress address) {
        return family.isInstance(address.getAddress());
    }

    private Event.Diagnosis diagnosis(
            Event.Network ipv4, Event.Network ipv6, List<Event.Stun> stun, List<Event.Turn> turn) {
        boolean isAnyReached =
                stun.stream().anyMatch(Event.Stun::ok) || turn.stream().anyMatch(Event.Turn::ok);
        return new Event.Diagnosis(
                isAnyReached,
                isAnyReached ? null : NO_WAY_OUT,
                isAnyReached ? null : "no server answers, so nothing is known about the way out of this network",
                ipv4,
                ipv6,
                stun,
                turn,
                Advice.of(ipv4, ipv6, turn),
                Math.round((System.nanoTime() - startNanos) / 1e8) / 10.0);
    }

    private static void await(Future<?> future, long untilNanos) throws InterruptedException {
        future.await(Math.max(0, untilNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
}
