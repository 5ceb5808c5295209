/** STUN messages (RFC 8489) and the Netty handlers that speak them. */
module dev.floe.stun {
    requires transitive io.netty.buffer;
    requires transitive io.netty.codec;
    requires transitive io.netty.common;
    requires transitive io.netty.handler;
    requires transitive io.netty.transport;
    requires org.slf4j;

    exports dev.floe.stun;
    exports dev.floe.stun.turn;
    exports dev.floe.stun.transaction to
            dev.floe.ice;
}
