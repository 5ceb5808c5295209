package dev.floe.quic;

import dev.floe.ice.CandidatePair;
import java.time.Duration;

/**
 * QUIC goes another way now, and the other side has been heard on it; fired through the datagram channel's pipeline as
 * a user event.
 *
 * @param gap the longest silence that overlaps the time from the last datagram on the old pair to the first on the new;
 *     of a pair on which nothing was heard, from the swap on
 */
public record PathChangedEvent(CandidatePair from, CandidatePair to, Duration gap) {}
