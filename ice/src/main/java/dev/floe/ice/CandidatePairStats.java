package dev.floe.ice;

import java.time.Duration;

/**
 * What has passed over a candidate pair, in the manner of W3C's webrtc-stats.
 *
 * @param state where its check stands
 * @param isSelected whether it is the pair in use
 * @param isAuthenticated whether the other side has sent a check over it
 * @param roundTrip of the last check that was answered; zero before
 * @param totalRoundTrip of all checks that were answered
 * @param requestsSent checks, consent checks and repetitions among them
 * @param responsesReceived to those, if signed as they have to be
 * @param requestsReceived the other side's checks, if signed as they have to be
 * @param responsesSent to those
 * @param bytesSent of data, without STUN; whoever handles the data fills it in
 * @param bytesReceived of data, likewise
 */
public record CandidatePairStats(
        CandidatePair pair,
        CandidatePairState state,
        boolean isSelected,
        boolean isAuthenticated,
        Duration roundTrip,
        Duration totalRoundTrip,
        long requestsSent,
        long responsesReceived,
        long requestsReceived,
        long responsesSent,
        long bytesSent,
        long bytesReceived) {

    /**
     * {@return the same with what the data has come to}
     *
     * @param bytesSent of data, to be counted in
     * @param bytesReceived of data, to be counted in
     */
    public CandidatePairStats withBytes(long bytesSent, long bytesReceived) {
        return new CandidatePairStats(
                pair,
                state,
                isSelected,
                isAuthenticated,
                roundTrip,
                totalRoundTrip,
                requestsSent,
                responsesReceived,
                requestsReceived,
                responsesSent,
                bytesSent,
                bytesReceived);
    }
}
