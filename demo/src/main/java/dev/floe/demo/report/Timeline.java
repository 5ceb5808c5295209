package dev.floe.demo.report;

import dev.floe.ice.CandidatePairState;
import dev.floe.ice.IceEvent;
import dev.floe.quic.IcePathHandler;
import dev.floe.quic.PathChangedEvent;
import dev.floe.quic.PunchEvent;
import dev.floe.quic.QuicRole;
import dev.floe.quic.SwapEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.NetUtil;
import java.util.Locale;

/** Stands behind the ICE handler and reports what passes as user events. */
public final class Timeline extends ChannelInboundHandlerAdapter {

    private final PeerReport report;
    private int candidates;
    private boolean isGathered;
    private boolean isConnected;

    /**
     * Tells of one peer.
     *
     * @param report to be told
     */
    public Timeline(PeerReport report) {
        this.report = report;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        report.observed(new Event.Started());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IceEvent ice) {
            report(ice);
            observe(ice);
        } else if (event instanceof SwapEvent swap) {
            IcePathHandler path = ctx.pipeline().get(IcePathHandler.class);
            report.swapped(swap, path::unauthenticated);
        } else if (event instanceof PunchEvent punch) {
            report(punch);
        } else if (event instanceof PathChangedEvent change) {
            report.pathChanged(change.from(), change.to(), change.gap());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void report(IceEvent event) {
        if (event instanceof IceEvent.LocalCandidateAdded local) {
            candidates++;
            report.candidate("local", local.candidate());
        } else if (event instanceof IceEvent.RemoteCandidateAdded remote) {
            // Whoever checks this side before signaling names a candidate has been learned all the same.
            report.signaled();
            report.candidate("remote", remote.candidate());
        } else if (event instanceof IceEvent.GatheringCompleted && !isGathered) {
            // After a change of network it is over once more.
            isGathered = true;
            report.gathered(candidates);
        } else if (event instanceof IceEvent.PairValidated valid && !isConnected) {
            isConnected = true;
            report.iceConnected(valid.pair(), valid.rtt());
        } else if (event instanceof IceEvent.PairNominated nominated) {
            report.nominated(nominated.pair(), nominated.rtt());
        }
    }

    private void report(PunchEvent event) {
        if (event instanceof PunchEvent.AttemptBegun begun) {
            String part = begun.role() == QuicRole.CLIENT ? "dials" : "is dialled";
            note("punch-attempt", "Attempt " + begun.number() + " at hole punching: this side " + part);
        } else if (event instanceof PunchEvent.AddressesHeard heard) {
            // The same as a candidate that signaling has brought.
            report.signaled();
            note("punch-addresses", "The other side has been observed at " + heard.addresses());
        } else if (event instanceof PunchEvent.Punched punched) {
            report.using(punched.pair());
        }
    }

    private void observe(IceEvent event) {
        if (event instanceof IceEvent.PairAdded added) {
            report.pair(added.pair(), "frozen", null);
        } else if (event instanceof IceEvent.PairStateChanged changed) {
            report.pair(changed.pair(), word(changed.state()), null);
        } else if (event instanceof IceEvent.PairValidated valid) {
            report.pair(valid.pair(), word(CandidatePairState.SUCCEEDED), valid.rtt());
        } else if (event instanceof IceEvent.PairRemoved removed) {
            report.pair(removed.pair(), "removed", null);
        } else if (event instanceof IceEvent.NetworkChanged) {
            note("network-changed", "This machine's network has changed");
        } else if (event instanceof IceEvent.Restarted) {
            note("restarted", "ICE starts over with new credentials");
        } else if (event instanceof IceEvent.PathLost) {
            note("path-lost", "Nothing answers any more; waiting for signaling to bring the peers together");
        } else if (event instanceof IceEvent.ServerFailed failed) {
            note("server-failed", NetUtil.toSocketAddressString(failed.server()) + ": " + failed.reason());
        } else if (event instanceof IceEvent.AddressSilent silent) {
            note("address-silent", "Nothing comes back to " + NetUtil.toAddressString(silent.address()));
        } else if (event instanceof IceEvent.SessionFailed failed) {
            note("failed", failed.reason().text());
        }
    }

    private void note(String what, String text) {
        report.observed(new Event.Note(what, text));
    }

    private static String word(CandidatePairState state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
