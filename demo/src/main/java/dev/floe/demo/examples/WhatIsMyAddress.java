package dev.floe.demo.examples;

import dev.floe.stun.StunAttribute.XorMappedAddress;
import dev.floe.stun.StunClientHandler;
import dev.floe.stun.StunCodec;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.security.SecureRandom;

/**
 * The STUN handler alone: what does my address look like from outside? {@code WhatIsMyAddress HOST PORT} asks the STUN
 * server there, such as that of {@code floe server}.
 */
public final class WhatIsMyAddress {

    private WhatIsMyAddress() {}

    /**
     * Prints the address.
     *
     * @param args the STUN server's host and port
     * @throws Exception if the server does not answer
     */
    public static void main(String... args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            InetSocketAddress server = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
            System.out.println("you are " + NetUtil.toSocketAddressString(ask(group, server)));
        } finally {
            group.shutdownGracefully();
        }
    }

    private static InetSocketAddress ask(EventLoopGroup group, InetSocketAddress server) throws Exception {
        StunClientHandler client = new StunClientHandler();
        Udp.bind(group, new StunCodec(), client);
        StunMessage request = StunMessage.request(StunMethod.BINDING, TransactionId.random(new SecureRandom()))
                .build();
        StunMessage response = client.request(request, server).get();
        return response.find(XorMappedAddress.class).orElseThrow().address();
    }
}
