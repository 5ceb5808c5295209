package dev.floe.quic;

import dev.floe.ice.IceHandler;
import java.net.InetSocketAddress;

/** What the path layer asks of ICE, and tells it. */
interface IcePaths {

    /** As {@link IceHandler#isAuthenticated}. */
    boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender);

    /** As {@link IceHandler#suspect}. */
    void suspect();

    /** As {@link IceHandler#networkChanged}. */
    void networkChanged();

    static IcePaths of(IceHandler ice) {
        return new IcePaths() {
            @Override
            public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
                return ice.isAuthenticated(base, sender);
            }

            @Override
            public void suspect() {
                ice.suspect();
            }

            @Override
            public void networkChanged() {
                ice.networkChanged();
            }
        };
    }
}
