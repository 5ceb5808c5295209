/**
 * Signaling: how two peers tell each other their ICE descriptions before they can talk directly.
 *
 * <p>Start reading at {@link dev.floe.signaling.SignalingClient}, which is all that a peer needs;
 * {@link dev.floe.signaling.SignalMessage} has what is said, package {@code room} the server's rules without a network,
 * package {@code redis} the rooms of many nodes, and package {@code server} the connections. What a lost connection, a
 * dead node and a Redis that is gone mean is in docs/signaling.md.
 *
 * <p>Package {@code pake} has how a password vouches for both descriptions.
 *
 * <ul>
 *   <li>RFC 6455, WebSocket
 *   <li>RFC 8259, JSON
 *   <li>RFC 8839, the SDP syntax of candidates
 *   <li>RFC 3986, percent-encoding of a room's name
 *   <li>RFC 8236, J-PAKE, with the proofs of RFC 8235
 * </ul>
 */
package dev.floe.signaling;
