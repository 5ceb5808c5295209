package dev.floe.quic;

import dev.floe.ice.IceDescription;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.function.UnaryOperator;

/** Signaling between two peers of one process; what passes may be altered, as a hostile server would. */
final class InMemoryExchange {

    private final Promise<IceDescription> offer = new DefaultPromise<>(GlobalEventExecutor.INSTANCE);
    private final Promise<IceDescription> answer = new DefaultPromise<>(GlobalEventExecutor.INSTANCE);
    private UnaryOperator<IceDescription> alteration = UnaryOperator.identity();

    InMemoryExchange altering(UnaryOperator<IceDescription> alteration) {
        this.alteration = alteration;
        return this;
    }

    Future<IceDescription> offer(IceDescription local) {
        offer.setSuccess(alteration.apply(local));
        return answer;
    }

    Future<IceDescription> answer(IceDescription local) {
        answer.setSuccess(alteration.apply(local));
        return offer;
    }
}
