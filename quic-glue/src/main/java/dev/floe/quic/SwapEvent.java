package dev.floe.quic;

import java.util.List;

/**
 * The QUIC codec is on the channel now; fired through the datagram channel's pipeline as a user event.
 *
 * @param before the handler names before the swap, as the pipeline gives them
 * @param after the handler names after it
 * @param replayed how many datagrams had come too early and were replayed into the codec
 */
public record SwapEvent(List<String> before, List<String> after, int replayed) {

    /**
     * Copies the lists.
     *
     * @param before the handler names before the swap, as the pipeline gives them
     * @param after the handler names after it
     * @param replayed how many datagrams had come too early and were replayed into the codec
     */
    public SwapEvent {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }
}
