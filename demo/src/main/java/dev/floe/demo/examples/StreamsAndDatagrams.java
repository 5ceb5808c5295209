package dev.floe.demo.examples;

import dev.floe.ice.IceDescription;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerConnection;
import dev.floe.quic.PeerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * One's own streams and datagrams (RFC 9221) over a connection between two peers, here in one process: what signaling
 * would carry goes through two promises. After the swap the connection is Netty's own {@link QuicChannel}.
 */
public final class StreamsAndDatagrams {

    private StreamsAndDatagrams() {}

    /**
     * Says something over a stream, and something else in a datagram.
     *
     * @param args none
     * @throws Exception if the two do not find each other
     */
    public static void main(String... args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        Promise<IceDescription> offer = group.next().newPromise();
        Promise<IceDescription> answer = group.next().newPromise();
        CountDownLatch heard = new CountDownLatch(2);
        try {
            PeerConfig offering = PeerConfig.builder(group, PeerIdentity.generate())
                    .streamHandler(() -> new Hearing("stream", heard))
                    .datagramHandler(() -> new Hearing("datagram", heard))
                    .build();
            PeerConfig answering = PeerConfig.builder(group, PeerIdentity.generate())
                    .datagramHandler(() -> new Hearing("datagram", heard))
                    .build();
            PeerConnection.offer(offering, local -> {
                offer.setSuccess(local);
                return answer;
            });
            QuicChannel connection = PeerConnection.answer(answering, local -> {
                        answer.setSuccess(local);
                        return offer;
                    })
                    .get();
            connection
                    .createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                    .get()
                    .writeAndFlush(text("what is said here arrives"));
            connection.writeAndFlush(text("what is said here may not")).sync();
            heard.await();
            connection.close().sync();
        } finally {
            group.shutdownGracefully();
        }
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
