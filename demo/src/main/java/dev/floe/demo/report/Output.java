package dev.floe.demo.report;

/** Where a command's events go. Safe for several threads. */
public interface Output {

    /**
     * Tells of one peer.
     *
     * @param peer which peer of the process it is about, or null where there is only one
     */
    void event(Event event, String peer);

    /** An event of the process, not of one of its peers. */
    default void event(Event event) {
        event(event, null);
    }
}
