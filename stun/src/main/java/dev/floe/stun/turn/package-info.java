/**
 * A TURN client for Netty: relayed addresses on a datagram channel, as if they were the channel's own.
 *
 * <p>Start with {@link dev.floe.stun.turn.TurnClientHandler}. It drives a state machine without I/O,
 * {@code TurnSession}, of which {@code TurnTransactions}, {@code TurnPermissions} and {@code ChannelBindings} are parts.
 *
 * <ul>
 *   <li>RFC 8656: TURN
 *   <li>RFC 8489: the messages, the long-term credentials, and how they go over TCP and TLS
 *   <li>RFC 8016: an allocation that follows its client to another address
 * </ul>
 */
package dev.floe.stun.turn;
