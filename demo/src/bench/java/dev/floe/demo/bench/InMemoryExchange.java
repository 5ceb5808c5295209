package dev.floe.demo.bench;

import dev.floe.ice.IceDescription;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;

/** Signaling between two peers of one process. */
final class InMemoryExchange {

    private final Promise<IceDescription> offer = GlobalEventExecutor.INSTANCE.newPromise();
    private final Promise<IceDescription> answer = GlobalEventExecutor.INSTANCE.newPromise();

    Future<IceDescription> offer(IceDescription local) {
        offer.setSuccess(local);
        return answer;
    }

    Future<IceDescription> answer(IceDescription local) {
        answer.setSuccess(local);
        return offer;
    }
}
