package dev.floe.ice;

import java.net.InetSocketAddress;

/**
 * A way between the two peers (RFC 8445 §6.1.2).
 *
 * @param local the candidate under which the other side sees this one
 * @param remote the other side's candidate
 * @param base the local address, as the channel names it, that datagrams of this pair leave from and arrive at
 */
public record CandidatePair(Candidate local, Candidate remote, InetSocketAddress base) {

    /** {@return the address to which datagrams of this pair are sent} */
    public InetSocketAddress remoteAddress() {
        return remote.address();
    }

    /** {@return whether a relay stands between the peers} */
    public boolean isRelayed() {
        return local.type() == CandidateType.RELAYED || remote.type() == CandidateType.RELAYED;
    }

    /**
     * {@return the pair's priority (RFC 8445 §6.1.2.3), the same on both sides}
     *
     * @param role of the side whose {@code localPriority} it is
     * @param localPriority of this side's candidate
     * @param remotePriority of the other side's
     */
    public static long priority(IceRole role, long localPriority, long remotePriority) {
        long controlling = role == IceRole.CONTROLLING ? localPriority : remotePriority;
        long controlled = role == IceRole.CONTROLLING ? remotePriority : localPriority;
        return (Math.min(controlling, controlled) << 32)
                + 2 * Math.max(controlling, controlled)
                + (controlling > controlled ? 1 : 0);
    }
}
