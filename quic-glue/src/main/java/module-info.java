/** QUIC over the path that ICE has found, on the same port. */
module dev.floe.quic {
    requires transitive dev.floe.ice;
    requires transitive io.netty.codec.classes.quic;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.handler;
    requires io.netty.transport.unix.common;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports dev.floe.quic;
    exports dev.floe.quic.capture;
}
