package dev.floe.stun;

import dev.floe.stun.StunAttribute.ChangeRequest;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/**
 * The four sockets of a server with two addresses and two ports, as one of them sees the others (RFC 5780, section 6.1).
 *
 * @param own that of this address and this port
 * @param otherAddress that of the other address and this port
 * @param otherPort that of this address and the other port
 * @param other that of the other address and the other port
 */
record BehaviorDiscoverySockets(Channel own, Channel otherAddress, Channel otherPort, Channel other) {

    /** Which of them answers, by the table 1 of the RFC. */
    Channel answering(ChangeRequest change) {
        if (change.changeIp()) {
            return change.changePort() ? other : otherAddress;
        }
        return change.changePort() ? otherPort : own;
    }

    static InetSocketAddress address(Channel socket) {
        return (InetSocketAddress) socket.localAddress();
    }
}
