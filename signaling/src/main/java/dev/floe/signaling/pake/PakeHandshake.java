package dev.floe.signaling.pake;

import dev.floe.signaling.PakeRole;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.pake.PakeMessage.Reason;
import dev.floe.signaling.pake.PakeMessage.Refusal;
import java.util.function.Consumer;

/**
 * One side's way to a description that it can trust, over as many runs as it takes: peers may come and go in between.
 *
 * <pre>
 * initiator                     responder
 *     FirstPass            →
 *                          ←   SecondPass
 *     ThirdPass            →
 *                          ←   description with proof     wrong: the code is spent, and nothing was shown
 *     description with proof →                             wrong: the same on this side
 *                          ←   Acceptance
 * </pre>
 *
 * <p>The responder shows first what a guess can be checked by, so that nobody can try codes on the one who waits with
 * its code and vanish without a trace. Only the initiator opens runs, so the two cannot chase each other. Confined to
 * the client's event loop; the arithmetic is done elsewhere, one step at a time.
 */
public abstract sealed class PakeHandshake permits PakeInitiator, PakeResponder {

    private static final int MAX_RUNS = 16;

    private final PakeGuesses guesses;
    private final Outside outside;
    private int runs;

    PakeHandshake(PakeGuesses guesses, Outside outside) {
        this.guesses = guesses;
        this.outside = outside;
    }

    /** What a handshake does to the room and to the exchange that it is for. */
    public interface Outside {

        void say(PakeMessage message);

        /** Says this side's description, with the key's proof, and what belongs to it. */
        void describe(PakeKey key);

        /** The other side's description is genuine. */
        void accept(Description genuine) throws SignalingException;

        /** Both sides know that the other's is. */
        void complete();

        void fail(SignalingException cause);

        /** Whether there is still need of it. */
        boolean isWanted();

        /** Runs what takes long, on another thread than the event loop. */
        void aside(Runnable arithmetic);

        /** Runs it on the event loop; any thread. */
        void inLoop(Runnable task);
    }

    public static PakeHandshake of(PakeSecret secret, PakeGuesses guesses, Outside outside) {
        return secret.role() == PakeRole.INITIATOR
                ? new PakeInitiator(secret, guesses, outside)
                : new PakeResponder(secret, guesses, outside);
    }

    /** Begins. */
    public abstract void begin();

    /** Hears a message; those of other runs, and those for the other role, mean nothing. */
    public abstract void hear(PakeMessage message);

    /** Hears a description. */
    public final void hear(Description description) {
        if (key() == null) {
            return;
        }
        switch (key().judge(description)) {
            case GENUINE -> hearGenuine(description);
            case CHANGED ->
                refuse(new SignalingException(
                        SignalingException.FINGERPRINT_MISMATCH,
                        "somebody has changed the other side's description on its way"));
            case WRONG_KEY -> refuseGuess();
            case STALE -> {
                // It was for somebody else.
            }
        }
    }

    /** Ends it for a reason that the other side is told. */
    public final void refuse(SignalingException cause) {
        outside.say(new Refusal(own(), peer(), Reason.of(cause)));
        outside.fail(cause);
    }

    /** The key of the run, or null before there is one. */
    abstract PakeKey key();

    /** Who this side is in the run. */
    abstract PakeId own();

    /** Who the other side is in the run. */
    abstract PakeId peer();

    /** The other side's description is what it has sent. */
    abstract void accepted();

    final Outside outside() {
        return outside;
    }

    final PakeGuesses guesses() {
        return guesses;
    }

    /** Counts a run; false if there must be no more. */
    final boolean mayRun() {
        try {
            guesses.check();
        } catch (SignalingException e) {
            refuse(e);
            return false;
        }
        if (runs++ == MAX_RUNS) {
            refuse(new SignalingException(
                    SignalingException.BAD_MESSAGE, "the other side has begun anew " + MAX_RUNS + " times"));
        }
        return runs <= MAX_RUNS;
    }

    /** Does arithmetic for the run that is the latest one now, unless there is another one by then. */
    final <T> void compute(Arithmetic<T> arithmetic, Consumer<T> then) {
        int run = runs;
        outside.aside(() -> {
            try {
                T result = arithmetic.compute();
                ifLatest(run, () -> then.accept(result));
            } catch (SignalingException e) {
                ifLatest(run, () -> refuse(e));
            } catch (RuntimeException e) {
                ifLatest(
                        run,
                        () -> refuse(new SignalingException(
                                SignalingException.BAD_MESSAGE, "the other side's key exchange is of no use", e)));
            }
        });
    }

    final void hear(Refusal refusal) {
        if (refusal.to().equals(own()) || refusal.to().equals(PakeId.ANYBODY)) {
            SignalingException cause = refusal.reason().failure();
            if (refusal.reason() == Reason.WRONG_CODE) {
                guesses.spendAll();
            }
            outside.fail(cause);
        }
    }

    private void hearGenuine(Description description) {
        try {
            outside.accept(description);
        } catch (SignalingException e) {
            refuse(e);
            return;
        }
        accepted();
    }

    private void refuseGuess() {
        guesses.spendAll();
        refuse(new SignalingException(
                SignalingException.WRONG_CODE, "wrong code: the other side has another one, or has guessed"));
    }

    private void ifLatest(int run, Runnable action) {
        outside.inLoop(() -> {
            if (run == runs && outside.isWanted()) {
                action.run();
            }
        });
    }

    /** What takes too long for an event loop. */
    interface Arithmetic<T> {
        T compute() throws SignalingException;
    }
}
