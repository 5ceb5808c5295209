/**
 * The client's side of a transaction as plain state, for {@code StunClientHandler}, for the TURN client and for the ICE
 * agent (RFC 8489, sections 6.2 and 9.2).
 */
package dev.floe.stun.transaction;
