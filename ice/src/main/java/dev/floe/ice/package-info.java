/**
 * Interactive Connectivity Establishment as a Netty handler. Start reading at {@link dev.floe.ice.IceHandler}; what it
 * drives, without any I/O of its own, is the agent in the package {@code agent}, whose contract stands at the top of
 * {@code IceAgent}.
 *
 * <p>RFC 8445 (ICE), RFC 8838 (trickle), RFC 8839 (candidates in SDP), RFC 8863 (patience), RFC 7675 (consent), RFC 8421
 * (two address families), RFC 8828 (what addresses are told), RFC 8656 (relays), RFC 8489 (STUN),
 * draft-ietf-mmusic-mdns-ice-candidates and draft-thatcher-ice-renomination.
 */
package dev.floe.ice;
