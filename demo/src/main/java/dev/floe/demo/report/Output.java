package dev.floe.demo.report;

/** Where a command's events go, in the order in which they happened. Called on the report's thread alone. */
public interface Output extends AutoCloseable {

    /**
     * Tells of one event.
     *
     * @param peer which peer of the process it is about, or null where there is only one
     */
    void write(Event event, String peer, Moment moment);

    /** Nothing more comes; on the thread that closes the report. */
    @Override
    default void close() {}
}
