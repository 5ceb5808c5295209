package dev.floe.signaling.room;

import dev.floe.signaling.SignalingException;
import java.util.concurrent.CompletionStage;

/**
 * Where rooms live. A store takes the steps of one room one after the other, and after each one tells its listener the
 * new state, still before the next. Any thread.
 */
public interface RoomStore {

    /** Takes a room from one state to the next. May be called again, with a later state, if it was taken in vain. */
    @FunctionalInterface
    interface Step {
        void apply(Room room) throws SignalingException;
    }

    /** Hears of every change of a room that this process has asked to be changed or has members in. */
    @FunctionalInterface
    interface Listener {
        void changed(RoomName name, Room room);
    }

    /**
     * Takes a step that brings somebody in; a room that is not there is an empty one.
     *
     * @return completes on any thread once the step is taken and told of; fails with a {@link SignalingException}, of
     *     code {@code unavailable} if rooms cannot be reached now
     */
    CompletionStage<Void> enter(RoomName name, Step step);

    /**
     * Takes any other step. A room that is not there stays so, and one that has become empty vanishes. If rooms cannot
     * be reached now, the step waits.
     *
     * @return as {@link #enter}
     */
    CompletionStage<Void> update(RoomName name, Step step);

    /** How many rooms this process knows. */
    int size();

    /** Whether new rooms can be made. */
    boolean isAvailable();

    /** Finishes what is under way and forgets everything; does not wait. */
    CompletionStage<Void> close();
}
