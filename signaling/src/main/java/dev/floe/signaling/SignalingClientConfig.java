package dev.floe.signaling;

import java.time.Duration;

/**
 * A {@link SignalingClient}'s limits.
 *
 * @param joinTimeout how long joining may take, from the look-up of the host's name to the server's welcome
 * @param pingInterval after how long a silence the server is pinged
 * @param idleTimeout after how long a silence the server counts as lost; longer than the ping interval
 * @param maxMessageBytes the longest message that is read, all its fragments together, without the server's number
 * @param reconnectTimeout for how long a client that has joined, lost its connection, and found no peer yet tries to get
 *     it back; zero for not at all. Once it has found a peer it tries until it is closed
 */
public record SignalingClientConfig(
        Duration joinTimeout,
        Duration pingInterval,
        Duration idleTimeout,
        int maxMessageBytes,
        Duration reconnectTimeout) {

    /** 10 s to join, a ping after 15 s of silence, lost after 45 s, messages up to 64 KiB, 10 s to come back. */
    public static final SignalingClientConfig DEFAULT = new SignalingClientConfig(
            Duration.ofSeconds(10), Duration.ofSeconds(15), Duration.ofSeconds(45), 64 * 1024, Duration.ofSeconds(10));

    /**
     * A configuration; {@link #DEFAULT} will do for most.
     *
     * @param joinTimeout how long joining may take, from the look-up of the host's name to the server's welcome
     * @param pingInterval after how long a silence the server is pinged
     * @param idleTimeout after how long a silence the server counts as lost; longer than the ping interval
     * @param maxMessageBytes the longest message that is read, all its fragments together, without the server's number
     * @param reconnectTimeout for how long a client that has joined, lost its connection, and found no peer yet tries
     *     to get it back; zero for not at all. Once it has found a peer it tries until it is closed
     * @throws IllegalArgumentException for a limit that is not positive
     */
    public SignalingClientConfig {
        SignalingServerConfig.requirePositive("joinTimeout", joinTimeout.toMillis());
        SignalingServerConfig.requirePositive("pingInterval", pingInterval.toMillis());
        SignalingServerConfig.requirePositive(
                "idleTimeout beyond pingInterval",
                idleTimeout.minus(pingInterval).toMillis());
        SignalingServerConfig.requirePositive("maxMessageBytes", maxMessageBytes);
        SignalingServerConfig.requirePositive("reconnectTimeout plus one", reconnectTimeout.toMillis() + 1);
    }

    /**
     * {@return the same with another time to come back}
     *
     * @param timeout zero for not at all
     */
    public SignalingClientConfig withReconnectTimeout(Duration timeout) {
        return new SignalingClientConfig(joinTimeout, pingInterval, idleTimeout, maxMessageBytes, timeout);
    }
}
