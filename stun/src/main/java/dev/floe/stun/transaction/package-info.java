/** The client's side of a transaction as plain state, for {@code StunClientHandler} and for the ICE agent (RFC 8489). */
package dev.floe.stun.transaction;
