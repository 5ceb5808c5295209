package dev.floe.demo.interop;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceRole;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetSocketAddress;
import java.util.List;

/** A program that prints the SDP attributes of an agent: {@code GatherMain STUN-SERVER PORT}. */
final class GatherMain {
    private GatherMain() {}

    public static void main(String[] args) throws Exception {
        InetSocketAddress server = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
        IceConfig config = IceConfig.of(IceRole.CONTROLLING, List.of(server));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (FloeAgent agent = new FloeAgent(group, config, new InetSocketAddress(0).getAddress())) {
            SdpText.of(agent.describe()).forEach(System.out::println);
        } finally {
            group.shutdownGracefully();
        }
    }
}
