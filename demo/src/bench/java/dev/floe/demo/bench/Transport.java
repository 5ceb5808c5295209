package dev.floe.demo.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;

/** A kind of datagram channel and the event loops that take it. */
record Transport(IoHandlerFactory io, Class<? extends DatagramChannel> channelType) {

    static Transport nio() {
        return new Transport(NioIoHandler.newFactory(), NioDatagramChannel.class);
    }

    /** To be called only where there is epoll. */
    static Transport epoll() {
        return new Transport(EpollIoHandler.newFactory(), EpollDatagramChannel.class);
    }

    EventLoopGroup eventLoop() {
        return new MultiThreadIoEventLoopGroup(1, io);
    }
}
