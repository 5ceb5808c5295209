package dev.floe.demo.transfer;

/** What somebody may want to know of a transfer while it goes on. Called on the transfer's thread or on the event loop. */
public interface TransferListener {

    /**
     * It is known what is to be transferred.
     *
     * @param files how many
     * @param total bytes, -1 if nobody knows; then it cannot go on over another connection
     */
    void began(String name, int files, long total);

    /** So many bytes have come in just now. */
    default void received(int count) {}

    /**
     * So many bytes are with the receiver, those of an earlier connection included.
     *
     * @param total of so many, -1 if nobody knows
     */
    void progress(long bytes, long total);

    /** All of it is with the receiver. */
    default void done(Transferred what) {}

    /** One line on something that was done otherwise than one may expect. */
    void note(String line);
}
