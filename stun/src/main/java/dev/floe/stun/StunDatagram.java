package dev.floe.stun;

import io.netty.channel.DefaultAddressedEnvelope;
import java.net.InetSocketAddress;

/**
 * A STUN message and its two addresses, with the same meaning as in {@link io.netty.channel.socket.DatagramPacket}.
 * Inbound, the recipient is the local address that it came to; outbound, the sender, which may be null, is the base that
 * it goes out from. Holds no buffer, so it need not be released.
 */
public final class StunDatagram extends DefaultAddressedEnvelope<StunMessage, InetSocketAddress> {
    /**
     * A message between these two.
     *
     * @param content what is said
     * @param recipient who it is for
     * @param sender who it is from; null outbound where it does not matter
     */
    public StunDatagram(StunMessage content, InetSocketAddress recipient, InetSocketAddress sender) {
        super(content, recipient, sender);
    }
}
