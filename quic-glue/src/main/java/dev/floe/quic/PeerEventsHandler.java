package dev.floe.quic;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Tells a port's demultiplexer, from behind a peer's ICE handler, by what that peer's datagrams are known. */
final class PeerEventsHandler extends ChannelInboundHandlerAdapter {

    private final PeerDemultiplexer demultiplexer;
    private final PeerChannel peer;
    private final IceHandler ice;
    private boolean isConnected;

    PeerEventsHandler(PeerDemultiplexer demultiplexer, PeerChannel peer, IceHandler ice) {
        this.demultiplexer = demultiplexer;
        this.peer = peer;
        this.ice = ice;
    }

    /** The peer's connection stands: from now on its connection ids tell what is its. */
    void connected() {
        isConnected = true;
        demultiplexer.addresses().forget(peer);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        demultiplexer.known(peer, ice.usernameFragments());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (peer.isOpen()) {
            learn(event);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void learn(Object event) {
        if (event instanceof IceEvent.Restarted || event instanceof IceEvent.CredentialsAdded) {
            demultiplexer.known(peer, ice.usernameFragments());
        } else if (event instanceof IceEvent.PairAuthenticated authenticated && !isConnected) {
            demultiplexer.addresses().heard(peer, authenticated.pair().remoteAddress());
        } else if (event instanceof IceEvent.PairValidated validated && !isConnected) {
            demultiplexer.addresses().proven(peer, validated.pair().remoteAddress());
        }
    }
}
