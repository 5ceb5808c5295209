/**
 * STUN for Netty: messages, and the handlers that send, receive and answer them.
 *
 * <p>Start with {@link dev.floe.stun.StunMessage}, an immutable view of its own bytes, and
 * {@link dev.floe.stun.StunAttribute}, the family of what a message carries. {@link dev.floe.stun.StunCodec} turns
 * datagrams into messages and back; after it stand {@link dev.floe.stun.StunClientHandler}, which asks, and
 * {@link dev.floe.stun.StunServerHandler}, which answers.
 *
 * <ul>
 *   <li>RFC 8489: STUN, with RFC 5769's test vectors
 *   <li>RFC 5780: NAT behaviour discovery, in {@link dev.floe.stun.NatBehaviorDiscovery} and
 *       {@link dev.floe.stun.StunServer}
 *   <li>RFC 8445, section 16.1: the attributes of ICE
 *   <li>RFC 8265: how passwords are prepared
 *   <li>RFC 7983, RFC 9443: STUN among other protocols on one port
 *   <li>draft-thatcher-ice-renomination: NOMINATION
 * </ul>
 */
package dev.floe.stun;
