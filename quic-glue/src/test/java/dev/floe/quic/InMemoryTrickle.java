package dev.floe.quic;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.List;

/** Signaling between two peers of one process that carries no candidate inside a description. */
final class InMemoryTrickle {

    private final Side offerer = new Side();
    private final Side answerer = new Side();

    TrickleExchange.Session offer(IceDescription local, TrickleExchange.Candidates theirs) {
        return offerer.begin(local, theirs, answerer);
    }

    TrickleExchange.Session answer(IceDescription local, TrickleExchange.Candidates theirs) {
        return answerer.begin(local, theirs, offerer);
    }

    /** What one side has said, and who hears what the other says. */
    private static final class Side {
        final Promise<IceDescription> description = GlobalEventExecutor.INSTANCE.newPromise();
        final Promise<TrickleExchange.Candidates> ears = GlobalEventExecutor.INSTANCE.newPromise();

        TrickleExchange.Session begin(IceDescription local, TrickleExchange.Candidates theirs, Side other) {
            Words words = new Words(other);
            ears.setSuccess(theirs);
            description.setSuccess(
                    new IceDescription(local.credentials(), local.fingerprint(), local.options(), List.of()));
            local.candidates().forEach(words::add);
            return words;
        }
    }

    private record Words(Side to) implements TrickleExchange.Session {
        @Override
        public Future<IceDescription> remote() {
            return to.description;
        }

        @Override
        public void add(Candidate candidate) {
            to.ears.addListener(heard -> to.ears.getNow().add(candidate));
        }

        @Override
        public void end() {
            to.ears.addListener(heard -> to.ears.getNow().end());
        }

        @Override
        public void message(byte[] content) {
            to.ears.addListener(heard -> to.ears.getNow().message(content));
        }
    }
}
