package dev.floe.signaling;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * Where a {@link SignalingServer} listens and what it allows.
 *
 * @param address where to listen; port 0 lets the system choose
 * @param connections what is allowed to one connection, and how many there may be
 * @param rooms what is allowed to the rooms
 * @param access who is let in
 * @param tls the certificate, or null to serve without TLS
 * @param redis where the rooms of many nodes live, or null to keep those of one in memory
 */
public record SignalingServerConfig(
        InetSocketAddress address, Connections connections, Rooms rooms, Access access, Tls tls, URI redis) {

    /**
     * A configuration; {@link #builder(int)} has the defaults.
     *
     * @param address where to listen; port 0 lets the system choose
     * @param connections what is allowed to one connection, and how many there may be
     * @param rooms what is allowed to the rooms
     * @param access who is let in
     * @param tls the certificate, or null to serve without TLS
     * @param redis where the rooms of many nodes live, or null to keep those of one in memory
     * @throws IllegalArgumentException for an unresolved address, or a limit that is not positive
     */
    public SignalingServerConfig {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address " + address.getHostString() + " is not known");
        }
    }

    /**
     * What is allowed to one connection, and how many there may be.
     *
     * @param maxClients the most connections at a time, rooms and relay together
     * @param maxMessageBytes the longest message, all its fragments together, and the most that is kept of one peer
     * @param handshakeTimeout how long a new connection may take until it is a WebSocket
     * @param pingInterval after how long a silence a client is pinged
     * @param idleTimeout after how long a silence a client is given up; longer than the ping interval
     */
    public record Connections(
            int maxClients,
            int maxMessageBytes,
            Duration handshakeTimeout,
            Duration pingInterval,
            Duration idleTimeout) {
        /**
         * Checks the limits.
         *
         * @param maxClients the most connections at a time, rooms and relay together
         * @param maxMessageBytes the longest message, all its fragments together, and the most that is kept of one peer
         * @param handshakeTimeout how long a new connection may take until it is a WebSocket
         * @param pingInterval after how long a silence a client is pinged
         * @param idleTimeout after how long a silence a client is given up; longer than the ping interval
         * @throws IllegalArgumentException for one that is not positive
         */
        public Connections {
            requirePositive("maxClients", maxClients);
            requirePositive("maxMessageBytes", maxMessageBytes);
            requirePositive("handshakeTimeout", handshakeTimeout.toMillis());
            requirePositive("pingInterval", pingInterval.toMillis());
            requirePositive(
                    "idleTimeout beyond pingInterval",
                    idleTimeout.minus(pingInterval).toMillis());
        }
    }

    /**
     * What is allowed to the rooms.
     *
     * @param maxRooms the most rooms at a time that this process serves
     * @param capacity the most peers in a room
     * @param maxKeptMessages the most messages of one peer that are kept for the other
     * @param graceTime how long a peer that has lost its connection may take to come back
     * @param keepTime how long a peer, and what it has said, may wait for the other
     */
    public record Rooms(int maxRooms, int capacity, int maxKeptMessages, Duration graceTime, Duration keepTime) {
        /**
         * Checks the limits.
         *
         * @param maxRooms the most rooms at a time that this process serves
         * @param capacity the most peers in a room
         * @param maxKeptMessages the most messages of one peer that are kept for the other
         * @param graceTime how long a peer that has lost its connection may take to come back
         * @param keepTime how long a peer, and what it has said, may wait for the other
         * @throws IllegalArgumentException for one that is not positive
         */
        public Rooms {
            requirePositive("maxRooms", maxRooms);
            requirePositive("capacity", capacity);
            requirePositive("maxKeptMessages", maxKeptMessages);
            requirePositive("graceTime", graceTime.toMillis());
            requirePositive("keepTime", keepTime.toMillis());
        }
    }

    /**
     * Who is let in.
     *
     * @param token what every client must know, or null for nothing
     * @param origins the web origins whose pages may connect; empty for all
     * @param isBehindProxy whether a client's address is the last one in {@code X-Forwarded-For}
     * @param perAddress what is allowed to one address
     */
    public record Access(String token, Set<String> origins, boolean isBehindProxy, PerAddress perAddress) {
        /**
         * Copies the set.
         *
         * @param token what every client must know, or null for nothing
         * @param origins the web origins whose pages may connect; empty for all
         * @param isBehindProxy whether a client's address is the last one in {@code X-Forwarded-For}
         * @param perAddress what is allowed to one address
         */
        public Access {
            origins = Set.copyOf(origins);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Access[origins=" + origins + ", isBehindProxy=" + isBehindProxy + ", " + perAddress + "]";
        }
    }

    /**
     * What is allowed to one IPv4 address, or one IPv6 network of 64 bits.
     *
     * @param clients the most connections at a time
     * @param rooms the most places in rooms at a time, those that are kept for who may come back among them
     * @param messagesPerSecond the most messages a second, of which those of ten seconds may come at once
     * @param includesLoopback whether this holds for clients on the same machine too
     */
    public record PerAddress(int clients, int rooms, int messagesPerSecond, boolean includesLoopback) {

        /** 1000 connections, 1000 places in rooms, 200 messages a second, and no limit for the same machine. */
        public static final PerAddress DEFAULT = new PerAddress(1000, 1000, 200, false);

        /**
         * Checks the limits.
         *
         * @param clients the most connections at a time
         * @param rooms the most places in rooms at a time, those that are kept for who may come back among them
         * @param messagesPerSecond the most messages a second, of which those of ten seconds may come at once
         * @param includesLoopback whether this holds for clients on the same machine too
         * @throws IllegalArgumentException for one that is not positive
         */
        public PerAddress {
            requirePositive("clients", clients);
            requirePositive("rooms", rooms);
            requirePositive("messagesPerSecond", messagesPerSecond);
        }
    }

    /**
     * A certificate in PEM files, which are read again when they change.
     *
     * @param certificates the server's, then those that lead to a trusted one
     * @param key its private key, not encrypted
     */
    public record Tls(Path certificates, Path key) {}

    /**
     * {@return a builder for a server on all addresses, with sane limits}
     *
     * @param port 0 lets the system choose
     */
    public static Builder builder(int port) {
        return builder(new InetSocketAddress(port));
    }

    /**
     * {@return a builder for a server on one address, with sane limits}
     *
     * @param address resolved; port 0 lets the system choose
     */
    public static Builder builder(InetSocketAddress address) {
        return new Builder(address);
    }

    static void requirePositive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(what + " is " + value + ", expected more than 0");
        }
    }

    /** See the records of {@link SignalingServerConfig} for what each means. */
    public static final class Builder {

        private final InetSocketAddress address;
        private int maxMessageBytes = 64 * 1024;
        private int maxClients = 20_000;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration pingInterval = Duration.ofSeconds(15);
        private Duration idleTimeout = Duration.ofSeconds(45);
        private int maxRooms = 10_000;
        private int roomCapacity = 2;
        private int maxKeptMessages = 256;
        private Duration graceTime = Duration.ofSeconds(15);
        private Duration keepTime = Duration.ofHours(24);
        private String token;
        private Set<String> origins = Set.of();
        private boolean isBehindProxy;
        private PerAddress perAddress = PerAddress.DEFAULT;
        private Tls tls;
        private URI redis;

        private Builder(InetSocketAddress address) {
            this.address = address;
        }

        /**
         * The longest message, all its fragments together, and the most that is kept of one peer; 64 KiB by default.
         *
         * @param bytes one or more
         * @return this builder
         */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = bytes;
            return this;
        }

        /**
         * The most connections at a time, rooms and relay together; 20,000 by default.
         *
         * @param clients one or more
         * @return this builder
         */
        public Builder maxClients(int clients) {
            maxClients = clients;
            return this;
        }

        /**
         * How long a new connection may take until it is a WebSocket; 10 s by default.
         *
         * @param timeout a millisecond or more
         * @return this builder
         */
        public Builder handshakeTimeout(Duration timeout) {
            handshakeTimeout = timeout;
            return this;
        }

        /**
         * After how long a silence a client is pinged; 15 s by default.
         *
         * @param interval a millisecond or more
         * @return this builder
         */
        public Builder pingInterval(Duration interval) {
            pingInterval = interval;
            return this;
        }

        /**
         * After how long a silence a client is given up; 45 s by default.
         *
         * @param timeout longer than the ping interval
         * @return this builder
         */
        public Builder idleTimeout(Duration timeout) {
            idleTimeout = timeout;
            return this;
        }

        /**
         * The most rooms at a time that this process serves; 10,000 by default.
         *
         * @param rooms one or more
         * @return this builder
         */
        public Builder maxRooms(int rooms) {
            maxRooms = rooms;
            return this;
        }

        /**
         * The most peers in a room; two by default.
         *
         * @param peers one or more
         * @return this builder
         */
        public Builder roomCapacity(int peers) {
            roomCapacity = peers;
            return this;
        }

        /**
         * The most messages of one peer that are kept for the other; 256 by default.
         *
         * @param messages one or more
         * @return this builder
         */
        public Builder maxKeptMessages(int messages) {
            maxKeptMessages = messages;
            return this;
        }

        /**
         * How long a peer that has lost its connection may take to come back; 15 s by default.
         *
         * @param time a millisecond or more
         * @return this builder
         */
        public Builder graceTime(Duration time) {
            graceTime = time;
            return this;
        }

        /**
         * How long a peer, and what it has said, may wait for the other; 24 h by default.
         *
         * @param time a millisecond or more
         * @return this builder
         */
        public Builder keepTime(Duration time) {
            keepTime = time;
            return this;
        }

        /**
         * What every client must know; nothing by default.
         *
         * @param secret sent as a bearer token
         * @return this builder
         */
        public Builder token(String secret) {
            token = secret;
            return this;
        }

        /**
         * The web origins whose pages may connect; all by default.
         *
         * @param allowed empty for all
         * @return this builder
         */
        public Builder origins(Set<String> allowed) {
            origins = allowed;
            return this;
        }

        /**
         * Whether a client's address is the last one in {@code X-Forwarded-For}; no by default.
         *
         * @param isBehind true only if every request comes through that proxy
         * @return this builder
         */
        public Builder behindProxy(boolean isBehind) {
            isBehindProxy = isBehind;
            return this;
        }

        /**
         * What is allowed to one address; {@link PerAddress#DEFAULT} by default.
         *
         * @param limits for each of them
         * @return this builder
         */
        public Builder perAddress(PerAddress limits) {
            perAddress = limits;
            return this;
        }

        /**
         * Serves {@code wss} instead of {@code ws}.
         *
         * @param files the certificate and its key
         * @return this builder
         */
        public Builder tls(Tls files) {
            tls = files;
            return this;
        }

        /**
         * Keeps the rooms in Redis, where the nodes that share it find each other's; in memory by default.
         *
         * @param uri {@code redis://HOST:PORT} or whatever else Lettuce takes
         * @return this builder
         */
        public Builder redis(URI uri) {
            redis = uri;
            return this;
        }

        /**
         * {@return the configuration}
         *
         * @throws IllegalArgumentException for an unresolved address, or a limit that is not positive
         */
        public SignalingServerConfig build() {
            return new SignalingServerConfig(
                    address,
                    new Connections(maxClients, maxMessageBytes, handshakeTimeout, pingInterval, idleTimeout),
                    new Rooms(maxRooms, roomCapacity, maxKeptMessages, graceTime, keepTime),
                    new Access(token, origins, isBehindProxy, perAddress),
                    tls,
                    redis);
        }
    }
}
