package dev.floe.signaling.pake;

import dev.floe.signaling.pake.PakeMessage.Acceptance;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import dev.floe.signaling.pake.PakeMessage.SecondPass;

/** The side that opens runs: one at the beginning, another one each time that a newcomer answers one that is taken. */
final class PakeInitiator extends PakeHandshake {

    private final PakeSecret secret;
    private PakeRun run;
    private SecondPass answer;
    private PakeKey key;
    private boolean hasDescribed;

    PakeInitiator(PakeSecret secret, PakeGuesses guesses, Outside outside) {
        super(guesses, outside);
        this.secret = secret;
    }

    @Override
    public void begin() {
        run = null;
        answer = null;
        key = null;
        hasDescribed = false;
        if (mayRun()) {
            compute(() -> PakeRun.open(secret), opened -> {
                run = opened;
                outside().say(opened.first());
            });
        }
    }

    @Override
    public void hear(PakeMessage message) {
        if (message instanceof SecondPass second) {
            hear(second);
        } else if (message instanceof Acceptance acceptance) {
            if (hasDescribed && key.isBetween(acceptance.from(), acceptance.to())) {
                outside().complete();
            }
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
        return answer == null ? PakeId.ANYBODY : answer.from();
    }

    @Override
    void accepted() {
        if (!hasDescribed) {
            hasDescribed = true;
            outside().describe(key);
        }
    }

    private void hear(SecondPass second) {
        if (run == null || !second.to().equals(own())) {
            return;
        }
        if (answer == null) {
            answer = second;
            PakeRun current = run;
            compute(() -> current.hear(second), agreed -> {
                key = agreed.key();
                outside().say(agreed.third());
            });
        } else if (!answer.from().equals(second.from())) {
            // Whoever answered before has gone, and secrets are for one run alone.
            begin();
        }
    }
}
