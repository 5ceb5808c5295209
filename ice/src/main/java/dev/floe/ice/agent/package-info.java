/**
 * The ICE agent as a pure state machine: datagrams and commands go in together with the time, what to do comes out.
 * Start reading at {@link dev.floe.ice.agent.IceAgent}; one concept a file: the {@code Checklist} of {@code CheckedPair}s
 * and its order, the {@code Nominator}, the {@code ConsentMonitor}, the {@code RoleConflict}, the {@code Patience}, the
 * {@code Gatherer}; and the {@code Generation}, of which a restart makes a second (RFC 8445 §9).
 */
package dev.floe.ice.agent;
