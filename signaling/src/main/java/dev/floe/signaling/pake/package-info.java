/**
 * How two peers prove to each other that they know one password: J-PAKE in three passes (RFC 8236 §4) over the 3072-bit
 * group of NIST, with Schnorr proofs bound to role and run (RFC 8235), and a confirmation of the key that covers each
 * side's description (RFC 8236 §5). {@link dev.floe.signaling.pake.PakeHandshake} has the rules; docs/signaling.md says
 * what goes over the wire and what it is worth.
 */
package dev.floe.signaling.pake;
