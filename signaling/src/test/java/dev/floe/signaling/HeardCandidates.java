package dev.floe.signaling;

import dev.floe.ice.Candidate;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Completes with all candidates at their end. */
final class HeardCandidates implements TrickleExchange.Candidates {

    final Promise<List<Candidate>> all = GlobalEventExecutor.INSTANCE.newPromise();
    private final List<Candidate> heard = new ArrayList<>();

    @Override
    public void add(Candidate candidate) {
        heard.add(candidate);
    }

    final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();

    @Override
    public void message(byte[] content) {
        messages.add(content);
    }

    @Override
    public void end() {
        all.setSuccess(heard);
    }
}
