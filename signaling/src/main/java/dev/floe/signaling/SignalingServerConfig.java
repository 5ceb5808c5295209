package dev.floe.signaling;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where a {@link SignalingServer} listens and what it allows.
 *
 * @param address where to listen; port 0 lets the system choose
 * @param maxMessageBytes the longest message, all its fragments together, and the most that is kept of one peer
 * @param maxKeptMessages the most messages of one peer that are kept for the other
 * @param maxRooms the most rooms at a time
 * @param maxClients the most connections at a time, rooms and relay together
 * @param handshakeTimeout how long a new connection may take until it is a WebSocket
 * @param pingInterval after how long a silence a client is pinged
 * @param idleTimeout after how long a silence a client is given up; longer than the ping interval
 */
public record SignalingServerConfig(
        InetSocketAddress address,
        int maxMessageBytes,
        int maxKeptMessages,
        int maxRooms,
        int maxClients,
        Duration handshakeTimeout,
        Duration pingInterval,
        Duration idleTimeout) {

    /** @throws IllegalArgumentException for an unresolved address, or a limit that is not positive */
    public SignalingServerConfig {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
        requirePositive("maxMessageBytes", maxMessageBytes);
        requirePositive("maxKeptMessages", maxKeptMessages);
        requirePositive("maxRooms", maxRooms);
        requirePositive("maxClients", maxClients);
        requirePositive("handshakeTimeout", handshakeTimeout.toMillis());
        requirePositive("pingInterval", pingInterval.toMillis());
        requirePositive(
                "idleTimeout beyond pingInterval",
                idleTimeout.minus(pingInterval).toMillis());
    }

    /** On all addresses, with sane limits. */
    public static Builder builder(int port) {
        return builder(new InetSocketAddress(port));
    }

    /** On one address, with sane limits. */
    public static Builder builder(InetSocketAddress address) {
        return new Builder(address);
    }

    static void requirePositive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " is " + value + ", expected more than 0");
        }
    }

    /** See {@link SignalingServerConfig} for what each means. */
    public static final class Builder {

        private final InetSocketAddress address;
        private int maxMessageBytes = 64 * 1024;
        private int maxKeptMessages = 256;
        private int maxRooms = 10_000;
        private int maxClients = 20_000;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration pingInterval = Duration.ofSeconds(15);
        private Duration idleTimeout = Duration.ofSeconds(45);

        private Builder(InetSocketAddress address) {
            this.address = address;
        }

        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = bytes;
            return this;
        }

        public Builder maxKeptMessages(int messages) {
            maxKeptMessages = messages;
            return this;
        }

        public Builder maxRooms(int rooms) {
            maxRooms = rooms;
            return this;
        }

        public Builder maxClients(int clients) {
            maxClients = clients;
            return this;
        }

        public Builder handshakeTimeout(Duration timeout) {
            handshakeTimeout = timeout;
            return this;
        }

        public Builder pingInterval(Duration interval) {
            pingInterval = interval;
            return this;
        }

        public Builder idleTimeout(Duration timeout) {
            idleTimeout = timeout;
            return this;
        }

        public SignalingServerConfig build() {
            return new SignalingServerConfig(
                    address,
                    maxMessageBytes,
                    maxKeptMessages,
                    maxRooms,
                    maxClients,
                    handshakeTimeout,
                    pingInterval,
                    idleTimeout);
        }
    }
}
