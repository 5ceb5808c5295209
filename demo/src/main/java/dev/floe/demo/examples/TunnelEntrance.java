package dev.floe.demo.examples;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;

/** Opens a stream for each TCP connection that is accepted. */
final class TunnelEntrance extends ChannelInitializer<SocketChannel> {
    private final QuicChannel connection;

    TunnelEntrance(QuicChannel connection) {
        this.connection = connection;
    }

    @Override
    protected void initChannel(SocketChannel tcp) {
        connection
                .newStreamBootstrap()
                .type(QuicStreamType.BIDIRECTIONAL)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .create()
                .addListener((Future<QuicStreamChannel> opened) -> {
                    if (opened.isSuccess()) {
                        Pump.join(tcp, opened.getNow());
                    } else {
                        tcp.close();
                    }
                });
    }
}
