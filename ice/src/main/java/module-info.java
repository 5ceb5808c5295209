/** Interactive Connectivity Establishment as a Netty handler; the agent behind it is not exported. */
module dev.floe.ice {
    requires transitive dev.floe.stun;
    requires transitive io.netty.transport;
    requires transitive io.netty.common;
    requires io.netty.buffer;
    requires io.netty.codec.dns;
    requires org.slf4j;

    exports dev.floe.ice;
}
