/** Signaling: a WebSocket server and client that bring ICE peers together. */
module dev.floe.signaling {
    requires transitive dev.floe.ice;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.handler;
    requires lettuce.core;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports dev.floe.signaling;
}
