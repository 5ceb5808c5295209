package dev.floe.quic;

import dev.floe.ice.IceConfig;
import dev.floe.quic.capture.CaptureTap;
import dev.floe.stun.turn.TurnServer;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What a {@link PeerConnection} needs to know. Built with {@link #builder}; all but the group and the identity has a
 * default.
 */
public final class PeerConfig {

    final EventLoopGroup group;
    final Class<? extends DatagramChannel> channelType;
    final PeerIdentity identity;
    final PeerTrust trust;
    final String alpn;
    final List<InetSocketAddress> stunServers;
    final List<TurnServer> turnServers;
    final UnaryOperator<IceConfig.Builder> ice;
    final InetSocketAddress bindAddress;
    final ConnectMethod method;
    final boolean isEarlyStart;
    final Duration timeout;
    final Supplier<ChannelHandler> streamHandler;
    final Optional<Supplier<ChannelHandler>> datagramHandler;
    final Optional<PeerSessions> sessions;
    final Optional<Consumer<QuicChannel>> earlyData;
    final Optional<Supplier<ChannelHandler>> earlyStreamHandler;
    final Optional<ChannelHandler> observer;
    final Optional<Supplier<CaptureTap>> capture;
    final Optional<Consumer<String>> keyLog;
    final Optional<Path> qlog;

    private PeerConfig(Builder builder) {
        group = builder.group;
        channelType = builder.channelType;
        identity = builder.identity;
        trust = builder.trust;
        alpn = builder.alpn;
        stunServers = List.copyOf(builder.stunServers);
        turnServers = List.copyOf(builder.turnServers);
        ice = builder.ice;
        bindAddress = builder.bindAddress;
        method = builder.method;
        isEarlyStart = builder.isEarlyStart;
        timeout = builder.timeout;
        streamHandler = builder.streamHandler;
        datagramHandler = Optional.ofNullable(builder.datagramHandler);
        sessions = Optional.ofNullable(builder.sessions);
        earlyData = Optional.ofNullable(builder.earlyData);
        earlyStreamHandler = Optional.ofNullable(builder.earlyStreamHandler);
        observer = Optional.ofNullable(builder.observer);
        capture = Optional.ofNullable(builder.capture);
        keyLog = Optional.ofNullable(builder.keyLog);
        qlog = Optional.ofNullable(builder.qlog);
    }

    /**
     * Starts a configuration.
     *
     * @param group event loops for NIO datagram channels, or for those of {@link Builder#channel}
     * @param identity what this side proves to be
     * @return a builder with a default for all the rest
     */
    public static Builder builder(EventLoopGroup group, PeerIdentity identity) {
        return new Builder(group, identity);
    }

    /** Collects a {@link PeerConfig}. */
    public static final class Builder {
        private final EventLoopGroup group;
        private final PeerIdentity identity;
        private Class<? extends DatagramChannel> channelType = NioDatagramChannel.class;
        private PeerTrust trust = PeerTrust.described();
        private String alpn = "floe";
        private List<InetSocketAddress> stunServers = List.of();
        private List<TurnServer> turnServers = List.of();
        private UnaryOperator<IceConfig.Builder> ice = UnaryOperator.identity();
        private InetSocketAddress bindAddress = new InetSocketAddress(0);
        private ConnectMethod method = ConnectMethod.ICE;
        private boolean isEarlyStart;
        private Duration timeout = Duration.ofSeconds(30);
        private Supplier<ChannelHandler> streamHandler = ChannelInboundHandlerAdapter::new;
        private Supplier<ChannelHandler> datagramHandler;
        private PeerSessions sessions;
        private Consumer<QuicChannel> earlyData;
        private Supplier<ChannelHandler> earlyStreamHandler;
        private ChannelHandler observer;
        private Supplier<CaptureTap> capture;
        private Consumer<String> keyLog;
        private Path qlog;

        private Builder(EventLoopGroup group, PeerIdentity identity) {
            this.group = Objects.requireNonNull(group, "group");
            this.identity = Objects.requireNonNull(identity, "identity");
        }

        /**
         * The kind of the datagram channel, and of those opened beside it: one that the group's event loops take, as
         * Netty's native transports have them. Where the kernel can cut a large packet into datagrams for the kind
         * (UDP_SEGMENT), QUIC makes use of it. {@link NioDatagramChannel} by default, the only one that speaks multicast
         * DNS.
         *
         * @param channelType has a public constructor without parameters
         * @return this builder
         */
        public Builder channel(Class<? extends DatagramChannel> channelType) {
            this.channelType = Objects.requireNonNull(channelType, "channelType");
            return this;
        }

        /**
         * How the other side is judged; by default, by the fingerprint in its description.
         *
         * @param trust one of its factories'
         * @return this builder
         */
        public Builder trust(PeerTrust trust) {
            this.trust = Objects.requireNonNull(trust, "trust");
            return this;
        }

        /**
         * The application protocol that both sides must name; {@code floe} by default.
         *
         * @param alpn 1 to 255 bytes (RFC 7301)
         * @return this builder
         */
        public Builder alpn(String alpn) {
            this.alpn = Objects.requireNonNull(alpn, "alpn");
            return this;
        }

        /**
         * STUN servers, resolved or not; none by default.
         *
         * @param stunServers who is asked for this side's addresses
         * @return this builder
         */
        public Builder stunServers(List<InetSocketAddress> stunServers) {
            this.stunServers = stunServers;
            return this;
        }

        /**
         * TURN servers; none by default. A connection that begins over one moves to a direct way when there is one.
         *
         * @param turnServers with the credentials for them
         * @return this builder
         */
        public Builder turnServers(List<TurnServer> turnServers) {
            this.turnServers = turnServers;
            return this;
        }

        /**
         * What else to set of ICE: which addresses to tell, filters, a NAT's known addresses. By default those of every
         * interface are told, so that another one can take over when the one in use fails.
         *
         * @param settings changes a builder that has the role and the servers, and returns it
         * @return this builder
         */
        public Builder ice(UnaryOperator<IceConfig.Builder> settings) {
            this.ice = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /**
         * Where to bind the one socket; by default to the wildcard address, IPv4 and IPv6, and any port.
         *
         * @param bindAddress of this machine; port 0 for any
         * @return this builder
         */
        public Builder bindAddress(InetSocketAddress bindAddress) {
            this.bindAddress = Objects.requireNonNull(bindAddress, "bindAddress");
            return this;
        }

        /**
         * How the two peers find a way to each other, which both have to do by the same method; ICE by default.
         *
         * @param method the other side's, too
         * @return this builder
         */
        public Builder method(ConnectMethod method) {
            this.method = Objects.requireNonNull(method, "method");
            return this;
        }

        /**
         * Whether an answerer starts QUIC half a round trip early, see {@link QuicSwapHandler}; off by default.
         *
         * @param isEarlyStart true to start early
         * @return this builder
         */
        public Builder earlyStart(boolean isEarlyStart) {
            this.isEarlyStart = isEarlyStart;
            return this;
        }

        /**
         * How long connecting may take in all, 30 s by default.
         *
         * @param timeout from the call of {@code offer} or {@code answer} to the completed handshake
         * @return this builder
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Makes the handler of each stream that the other side opens; by default what comes is discarded.
         *
         * @param streamHandler called on the connection's event loop, once for each stream
         * @return this builder
         */
        public Builder streamHandler(Supplier<ChannelHandler> streamHandler) {
            this.streamHandler = Objects.requireNonNull(streamHandler, "streamHandler");
            return this;
        }

        /**
         * Lets the connection carry unreliable datagrams (RFC 9221) if the other side does so too; by default it does not.
         * Each is a {@link io.netty.buffer.ByteBuf} in the pipeline of the
         * {@link io.netty.handler.codec.quic.QuicChannel}: what is written there is sent, what comes is read by this
         * handler, which releases it. A {@link io.netty.handler.codec.quic.QuicDatagramExtensionEvent} tells it that the
         * other side takes them, and how long they may be; to write one before that ends the connection.
         *
         * @param datagramHandler called on the connection's event loop, once for each connection
         * @return this builder
         */
        public Builder datagramHandler(Supplier<ChannelHandler> datagramHandler) {
            this.datagramHandler = Objects.requireNonNull(datagramHandler, "datagramHandler");
            return this;
        }

        /**
         * Resumes the TLS session of the last connection with the same peer, and leaves one for the next; by default each
         * handshake is a full one. Both sides need it.
         *
         * @param sessions the same for all the connections that are to know of each other
         * @return this builder
         */
        public Builder sessions(PeerSessions sessions) {
            this.sessions = Objects.requireNonNull(sessions, "sessions");
            return this;
        }

        /**
         * What an answerer says before the handshake is complete, a round trip sooner (0-RTT, RFC 8446 §2.3); by default
         * nothing. It is called when a session is resumed that allows it, with a connection on which streams may be opened
         * and written to. The other side answers when the handshake is complete; should it not take the data early, it
         * gets them then, once. Only what does no harm when it is said again may be said here: {@link PeerSessions} takes
         * each session once, but a server that uses something else may not.
         *
         * @param earlyData called on the connection's event loop, at most once for each connection
         * @return this builder
         */
        public Builder earlyData(Consumer<QuicChannel> earlyData) {
            this.earlyData = Objects.requireNonNull(earlyData, "earlyData");
            return this;
        }

        /**
         * Has an offerer take what the other side says before the handshake is complete; by default it hears that
         * afterwards. Who says it has proven nothing yet but to have spoken to this side before, and the offerer's future
         * is not complete.
         *
         * @param earlyStreamHandler makes the handler of each stream that is opened by then, instead of
         *     {@link #streamHandler}; called on the connection's event loop
         * @return this builder
         */
        public Builder earlyStreamHandler(Supplier<ChannelHandler> earlyStreamHandler) {
            this.earlyStreamHandler = Objects.requireNonNull(earlyStreamHandler, "earlyStreamHandler");
            return this;
        }

        /**
         * A handler that stands behind the {@link dev.floe.ice.IceHandler} and sees every
         * {@link dev.floe.ice.IceEvent}, {@link SwapEvent} and {@link PathChangedEvent} as a user event.
         *
         * @param observer added to one channel
         * @return this builder
         */
        public Builder observer(ChannelHandler observer) {
            this.observer = observer;
            return this;
        }

        /**
         * Captures each connection's datagrams, of all its sockets, with the secrets that decrypt them; not by default.
         * It sees what really goes over the wire, whatever {@link #ice} has put first into a socket's pipeline.
         *
         * @param taps makes a tap for each connection, as with {@code () -> file.tap("name")}
         * @return this builder
         */
        public Builder capture(Supplier<CaptureTap> taps) {
            this.capture = taps;
            return this;
        }

        /**
         * Hears each line of the TLS key log (the NSS key log format), on the event loop; nobody does by default. Whoever
         * has these lines can read the connection.
         *
         * @param keyLog must not throw: it is called out of native code
         * @return this builder
         */
        public Builder keyLog(Consumer<String> keyLog) {
            this.keyLog = keyLog;
            return this;
        }

        /**
         * Makes QUIC write a log of each connection, a qlog file of a name of its own, into this folder, which has to
         * exist; not by default. It is native code that writes, on the event loop.
         *
         * @param folder where Netty may make files
         * @return this builder
         */
        public Builder qlog(Path folder) {
            this.qlog = folder;
            return this;
        }

        /**
         * {@return the configuration, which may serve any number of connections unless it has an observer that is not
         * sharable}
         *
         * @throws IllegalArgumentException if the method is {@link ConnectMethod#DRAFT} and there is no TURN server
         */
        public PeerConfig build() {
            if (method == ConnectMethod.DRAFT && turnServers.isEmpty()) {
                throw new IllegalArgumentException("method draft begins over a relay, expected a TURN server");
            }
            return new PeerConfig(this);
        }
    }
}
