package dev.floe.demo.seed;

import static dev.floe.demo.seed.IceByTheBook.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One of the original programs, played with plain Netty QUIC: says one object over the relay, stops answering checks as
 * soon as QUIC has the socket, presents no client certificate and asks for none.
 */
final class SeedPeer implements AutoCloseable {
    private static final int LIMIT_SECONDS = 40;
    private static final int WINDOW = 1 << 20;

    private final IceByTheBook ice;
    private final String alpn;
    private final Relay relay;

    private SeedPeer(EventLoopGroup group, URI uri, IceRole role, String alpn) throws Exception {
        this.ice = new IceByTheBook(group, role);
        this.alpn = alpn;
        this.relay = new Relay(uri);
    }

    /** Offers once, to whoever is there, and echoes what the QUIC client says. */
    static SeedPeer offer(EventLoopGroup group, URI uri, String alpn, PrivateAuthority.Server identity)
            throws Exception {
        SeedPeer peer = new SeedPeer(group, uri, IceRole.CONTROLLING, alpn);
        peer.relay.say(peer.ice.describe());
        peer.ice.connect(peer.relay.hear());
        peer.serve(identity);
        return peer;
    }

    /** Answers the first offer. */
    static SeedPeer answer(EventLoopGroup group, URI uri, String alpn) throws Exception {
        return new SeedPeer(group, uri, IceRole.CONTROLLED, alpn);
    }

    /** Waits for the offer, connects, says something, and gives what comes back. */
    String ask(String question) throws Exception {
        String offer = relay.hear();
        relay.say(ice.describe());
        QuicChannel connection = connect(ice.connect(offer));
        CompletableFuture<String> answer = new CompletableFuture<>();
        QuicStreamChannel stream =
                await(connection.createStream(QuicStreamType.BIDIRECTIONAL, new WholeAnswer(answer)));
        stream.writeAndFlush(new DefaultQuicStreamFrame(Unpooled.copiedBuffer(question, UTF_8), true));
        String heard = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        await(connection.close(true, 0, Unpooled.EMPTY_BUFFER));
        return heard;
    }

    /** Says who it is, and no more. */
    void introduce() throws Exception {
        relay.say(ice.describe());
    }

    @Override
    public void close() {
        relay.close();
        ice.close();
    }

    private void serve(PrivateAuthority.Server identity) throws Exception {
        var tls = QuicSslContextBuilder.forServer(identity.key(), null, identity.certificate())
                .applicationProtocols(alpn)
                .build();
        swap(tuned(new QuicServerCodecBuilder())
                .sslContext(tls)
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new Echo());
                    }
                })
                .build());
    }

    private QuicChannel connect(CandidatePair pair) throws Exception {
        var tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(alpn)
                .build();
        swap(tuned(new QuicClientCodecBuilder()).sslContext(tls).build());
        return await(QuicChannel.newBootstrap(ice.channel())
                .handler(new ChannelInboundHandlerAdapter())
                .remoteAddress(pair.remoteAddress())
                .connect());
    }

    private void swap(ChannelHandler codec) throws Exception {
        ice.stopAnswering();
        ice.channel().pipeline().addLast(codec);
    }

    private static <B extends QuicCodecBuilder<B>> B tuned(B builder) {
        return builder.initialMaxData(WINDOW)
                .initialMaxStreamDataBidirectionalLocal(WINDOW)
                .initialMaxStreamDataBidirectionalRemote(WINDOW)
                .initialMaxStreamsBidirectional(1);
    }

    private static final class Echo extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
            ctx.writeAndFlush(content.retain());
        }
    }

    private static final class WholeAnswer extends SimpleChannelInboundHandler<ByteBuf> {
        private final CompletableFuture<String> answer;
        private final StringBuilder heard = new StringBuilder();

        WholeAnswer(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf content) {
            heard.append(content.toString(UTF_8));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            answer.complete(heard.toString());
        }
    }

    /** The JDK's WebSocket. */
    private static final class Relay implements WebSocket.Listener {
        private static final HttpClient HTTP = HttpClient.newHttpClient();

        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder partial = new StringBuilder();
        private final WebSocket socket;

        Relay(URI uri) throws Exception {
            socket = HTTP.newWebSocketBuilder().buildAsync(uri, this).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        void say(String text) throws Exception {
            socket.sendText(text, true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        String hear() throws Exception {
            String text = heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (text == null) {
                throw new AssertionError("nothing heard over the relay");
            }
            return text;
        }

        void close() {
            socket.abort();
        }

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                heard.add(partial.toString());
                partial.setLength(0);
            }
            webSocket.request(1);
            return null;
        }
    }
}
