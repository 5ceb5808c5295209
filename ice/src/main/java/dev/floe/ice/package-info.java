/**
 * Interactive Connectivity Establishment as a Netty handler. Start reading at {@link dev.floe.ice.IceHandler}; what it
 * drives, without any I/O of its own, is the agent in the package {@code agent}, whose contract stands at the top of
 * {@code IceAgent}.
 *
 * <p>RFC 8445 (ICE), RFC 8839 (candidates in SDP), RFC 8863 (patience), RFC 7675 (consent), RFC 8489 (STUN), and
 * draft-thatcher-ice-renomination.
 */
package dev.floe.ice;
