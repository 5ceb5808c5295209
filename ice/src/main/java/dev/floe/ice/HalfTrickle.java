package dev.floe.ice;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects this side's candidates until the last, then exchanges whole descriptions (RFC 8838 §16). */
final class HalfTrickle implements TrickleExchange.Session {

    private final DescriptionExchange whole;
    private final IceDescription local;
    private final TrickleExchange.Candidates theirs;
    private final List<Candidate> candidates;
    private final Promise<IceDescription> remote = ImmediateEventExecutor.INSTANCE.newPromise();
    private boolean isEnded;

    HalfTrickle(DescriptionExchange whole, IceDescription local, TrickleExchange.Candidates theirs) {
        this.whole = whole;
        this.local = local;
        this.theirs = theirs;
        candidates = new ArrayList<>(local.candidates());
    }

    @Override
    public Future<IceDescription> remote() {
        return remote;
    }

    @Override
    public void add(Candidate candidate) {
        if (!isEnded) {
            candidates.add(candidate);
        }
    }

    @Override
    public void end() {
        if (isEnded) {
            return;
        }
        isEnded = true;
        exchanged().addListener((Future<IceDescription> done) -> {
            if (!done.isSuccess()) {
                remote.tryFailure(done.cause());
            } else if (remote.trySuccess(done.getNow())) {
                theirs.end();
            }
        });
    }

    private Future<IceDescription> exchanged() {
        try {
            return whole.exchange(all());
        } catch (RuntimeException e) {
            return ImmediateEventExecutor.INSTANCE.newFailedFuture(e);
        }
    }

    private IceDescription all() {
        Set<String> options = new LinkedHashSet<>(local.options());
        if (!local.isComplete()) {
            options.add(IceDescription.END_OF_CANDIDATES);
        }
        return new IceDescription(local.credentials(), local.fingerprint(), options, candidates);
    }
}
