package dev.floe.demo.doctor;

import dev.floe.demo.report.Event;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunDatagram;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Stream;

/** Binding requests to one address of a STUN server. */
final class StunTrial {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final InetSocketAddress named;
    private final InetSocketAddress server;
    private final Future<StunDatagram> answer;
    private volatile long startNanos;
    private volatile long tookNanos;

    private StunTrial(InetSocketAddress named, InetSocketAddress server, Future<StunDatagram> answer) {
        this.named = named;
        this.server = server;
        this.answer = answer;
        answer.addListener(done -> tookNanos = System.nanoTime() - startNanos);
    }

    /** Asks every address that the server's name stands for; blocks while the name is looked up. */
    static Stream<StunTrial> start(InetSocketAddress named, Channel port) {
        try {
            return Stream.of(InetAddress.getAllByName(named.getHostString()))
                    .map(ip -> start(named, new InetSocketAddress(ip, named.getPort()), port));
        } catch (UnknownHostException e) {
            Exception unknown = new UnknownHostException("no such host");
            return Stream.of(new StunTrial(named, named, port.eventLoop().newFailedFuture(unknown)));
        }
    }

    // The first answer of a cold process has waited for classes to be loaded: it is the second that is timed.
    private static StunTrial start(InetSocketAddress named, InetSocketAddress server, Channel port) {
        StunClientHandler client = port.pipeline().get(StunClientHandler.class);
        Promise<StunDatagram> answer = port.eventLoop().newPromise();
        StunTrial trial = new StunTrial(named, server, answer);
        client.transact(request(), server).addListener((Future<StunDatagram> first) -> {
            if (first.isSuccess()) {
                trial.startNanos = System.nanoTime();
                PromiseNotifier.cascade(client.transact(request(), server), answer);
            } else {
                answer.setFailure(first.cause());
            }
        });
        return trial;
    }

    private static StunMessage request() {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(RANDOM))
                .build();
    }

    InetSocketAddress server() {
        return server;
    }

    Future<StunDatagram> answer() {
        return answer;
    }

    /** How the server sees the port that asked; empty if it does not say. */
    Optional<InetSocketAddress> mapped() {
        return answer.isSuccess()
                ? answer.getNow().content().find(XorMappedAddress.class).map(XorMappedAddress::address)
                : Optional.empty();
    }

    /** Whether the server can test NATs. */
    boolean hasOtherAddress() {
        return answer.isSuccess() && answer.getNow().content().has(OtherAddress.class);
    }

    Event.Stun result() {
        String name = NetUtil.toSocketAddressString(named.getHostString(), named.getPort());
        String address = server.isUnresolved() ? null : NetUtil.toSocketAddressString(server);
        return mapped().map(mapped -> new Event.Stun(
                        name,
                        address,
                        true,
                        null,
                        NetUtil.toSocketAddressString(mapped),
                        Math.round(tookNanos / 1e5) / 10.0,
                        hasOtherAddress()))
                .orElseGet(() -> new Event.Stun(name, address, false, whyNot(), null, null, null));
    }

    private String whyNot() {
        if (!answer.isSuccess()) {
            return Doctor.reason(answer);
        }
        return answer.getNow()
                .content()
                .find(ErrorCode.class)
                .map(error -> "answers with error " + error.code())
                .orElse("answers without this machine's address");
    }
}
