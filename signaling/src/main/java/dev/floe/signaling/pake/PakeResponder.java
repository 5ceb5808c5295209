package dev.floe.signaling.pake;

import dev.floe.signaling.pake.PakeMessage.Acceptance;
import dev.floe.signaling.pake.PakeMessage.FirstPass;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import dev.floe.signaling.pake.PakeMessage.ThirdPass;

/** The side that answers whoever opens a run. */
final class PakeResponder extends PakeHandshake {

    private final PakeSecret secret;
    private FirstPass first;
    private PakeRun run;
    private ThirdPass third;
    private PakeKey key;

    PakeResponder(PakeSecret secret, PakeGuesses guesses, Outside outside) {
        super(guesses, outside);
        this.secret = secret;
    }

    @Override
    public void begin() {
        // The other side's part.
    }

    @Override
    public void hear(PakeMessage message) {
        if (message instanceof FirstPass opening) {
            hear(opening);
        } else if (message instanceof ThirdPass closing) {
            hear(closing);
        } else if (message instanceof Refusal refusal) {
            hear(refusal);
        }
    }

    @Override
    PakeKey key() {
        return key;
    }

    @Override
    PakeId own() {
        return run == null ? PakeId.ANYBODY : run.id();
    }

    @Override
    PakeId peer() {
        return first == null ? PakeId.ANYBODY : first.from();
    }

    @Override
    void accepted() {
        guesses().regainOne();
        outside().say(new Acceptance(own(), peer()));
        outside().complete();
    }

    private void hear(FirstPass opening) {
        if (opening.from().equals(peer())) {
            return;
        }
        first = opening;
        run = null;
        third = null;
        key = null;
        if (mayRun()) {
            compute(() -> PakeRun.answer(secret, opening), answered -> {
                run = answered;
                outside().say(answered.second());
            });
        }
    }

    private void hear(ThirdPass closing) {
        if (run == null
                || third != null
                || !closing.to().equals(own())
                || !closing.from().equals(peer())) {
            return;
        }
        third = closing;
        PakeRun current = run;
        compute(() -> current.hear(closing), agreed -> {
            key = agreed;
            // What is said now is enough to check a guess, whether the other side answers or not.
            guesses().spendOne();
            outside().describe(agreed);
        });
    }
}
