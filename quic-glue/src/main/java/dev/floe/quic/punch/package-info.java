/**
 * libp2p's DCUtR without I/O: its messages as bytes, and who does what when. Not exported; {@code PunchHandler} drives it.
 */
package dev.floe.quic.punch;
