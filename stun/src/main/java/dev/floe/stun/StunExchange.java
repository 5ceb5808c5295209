package dev.floe.stun;

import dev.floe.stun.StunAttribute.AlternateServer;
import dev.floe.stun.StunAttribute.ErrorCode;
import dev.floe.stun.StunAttribute.Fingerprint;
import dev.floe.stun.transaction.LongTermCredential.Verdict;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A request with all that may happen before it is granted: the server asks for credentials or has forgotten its nonce, it
 * sends the client to another server, or it is in trouble and is asked again. Each is a new transaction, and there are few
 * of each kind, whatever the servers say. On the event loop.
 */
final class StunExchange {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** RFC 8489, section 6.3.4. */
    private static final int MAX_SERVER_ERRORS = 4;

    private static final int MAX_CHALLENGES = 4;
    private static final int MAX_SERVERS = 4;

    private final StunClientHandler client;
    private final ChannelHandlerContext ctx;
    private final StunMessage request;
    private final StunCredential credential;
    private final Promise<StunMessage> promise;
    private final Set<InetSocketAddress> servers = new HashSet<>();
    private InetSocketAddress server;
    private Verdict verdict;
    private int challenges;
    private int serverErrors;

    StunExchange(
            StunClientHandler client,
            ChannelHandlerContext ctx,
            StunMessage request,
            InetSocketAddress server,
            StunCredential credential,
            Promise<StunMessage> promise) {
        this.client = client;
        this.ctx = ctx;
        this.request = request;
        this.server = server;
        this.credential = credential;
        this.promise = promise;
    }

    void start() {
        servers.add(server);
        send(request.transactionId());
    }

    private void send(TransactionId id) {
        StunMessage signed = signed(id);
        Future<StunDatagram> answer = client.transact(ctx, signed, server, response -> {
            verdict = credential.mechanism.judge(signed, response);
            return verdict != Verdict.DISCARD;
        });
        promise.addListener(done -> answer.cancel(false));
        answer.addListener(done -> {
            if (done.isSuccess()) {
                answered(answer.getNow().content());
            } else {
                promise.tryFailure(done.cause());
            }
        });
    }

    private void answered(StunMessage response) {
        int error = response.find(ErrorCode.class).map(ErrorCode::code).orElse(0);
        Optional<InetSocketAddress> alternate = error / 100 == 3 ? alternate(response) : Optional.empty();
        if (verdict == Verdict.RETRY && challenges < MAX_CHALLENGES) {
            challenges++;
            sendAgain();
        } else if (verdict == Verdict.ACCEPT && alternate.isPresent()) {
            server = alternate.get();
            servers.add(server);
            sendAgain();
        } else if (verdict == Verdict.ACCEPT && error / 100 == 5 && serverErrors < MAX_SERVER_ERRORS) {
            long delayMillis = 500L << serverErrors++;
            Future<?> later = ctx.executor().schedule(this::sendAgain, delayMillis, TimeUnit.MILLISECONDS);
            promise.addListener(done -> later.cancel(false));
        } else {
            promise.trySuccess(response);
        }
    }

    private void sendAgain() {
        send(TransactionId.random(RANDOM));
    }

    private StunMessage signed(TransactionId id) {
        StunMessage.Builder builder = StunMessage.request(request.method(), id);
        request.attributes().stream()
                .filter(attribute -> !(attribute instanceof Fingerprint))
                .forEach(builder::add);
        credential.mechanism.sign(builder);
        return request.hasFingerprint() ? builder.fingerprint().build() : builder.build();
    }

    /** Of the same family, and not asked yet, lest servers send the client round in circles (RFC 8489, section 10). */
    private Optional<InetSocketAddress> alternate(StunMessage response) {
        // A connection leads to one server only.
        if (servers.size() >= MAX_SERVERS || ctx.channel() instanceof DuplexChannel) {
            return Optional.empty();
        }
        return response.attributes().stream()
                .filter(AlternateServer.class::isInstance)
                .map(attribute -> ((AlternateServer) attribute).address())
                .filter(address -> isServer(address) && !servers.contains(address))
                .findFirst();
    }

    private boolean isServer(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip.getClass() == server.getAddress().getClass()
                && !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && address.getPort() != 0;
    }
}
