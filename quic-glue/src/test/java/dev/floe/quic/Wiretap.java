package dev.floe.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One who reads along in front of a peer's socket; keeps the first few datagrams of each kind. */
final class Wiretap extends ChannelInboundHandlerAdapter {

    private static final int MAX = 50;

    private final List<byte[]> stun = new CopyOnWriteArrayList<>();
    private final List<byte[]> quic = new CopyOnWriteArrayList<>();

    static Wiretap on(QuicChannel connection) {
        Wiretap tap = new Wiretap();
        connection.parent().pipeline().addFirst(tap);
        return tap;
    }

    List<byte[]> stun() {
        return stun;
    }

    /** With short headers: the connection's id is in them. */
    List<byte[]> quic() {
        return quic;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf content = ((DatagramPacket) message).content();
        List<byte[]> kind = switch (DatagramKind.of(content)) {
            case STUN -> stun;
            case QUIC_SHORT_HEADER -> quic;
            default -> null;
        };
        if (kind != null && kind.size() < MAX) {
            kind.add(ByteBufUtil.getBytes(content));
        }
        ctx.fireChannelRead(message);
    }

    /** Waits until there are at least so many of them. */
    static void await(List<byte[]> heard, int count, QuicChannel connection) throws Exception {
        while (heard.size() < count) {
            connection.eventLoop().schedule(() -> {}, 5, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
        }
    }
}
