package dev.floe.quic;

import java.net.InetSocketAddress;
import java.util.Set;

/** ICE as a path layer's test wants it: knows some addresses at one base, and counts what it is told. */
final class ScriptedIce implements IcePaths {

    private final InetSocketAddress base;
    private final Set<InetSocketAddress> known;
    int questions;
    int suspicions;
    int networkChanges;

    ScriptedIce(InetSocketAddress base, InetSocketAddress... known) {
        this.base = base;
        this.known = Set.of(known);
    }

    @Override
    public boolean isAuthenticated(InetSocketAddress base, InetSocketAddress sender) {
        questions++;
        return this.base.equals(base) && known.contains(sender);
    }

    @Override
    public void suspect() {
        suspicions++;
    }

    @Override
    public void networkChanged() {
        networkChanges++;
    }
}
