/**
 * QUIC between peers on the port that ICE has opened. Start reading at {@link dev.floe.quic.QuicSwapHandler}, the swap;
 * then {@link dev.floe.quic.IcePathHandler}, what QUIC stands on afterwards; {@link dev.floe.quic.PeerConnection} ties
 * it all together, and {@link dev.floe.quic.PeerTrust} says who the other side must be.
 *
 * <p>RFC 9000 (QUIC), RFC 9443 and RFC 7983 (telling it from STUN on one port), RFC 7675 (consent).
 */
package dev.floe.quic;
