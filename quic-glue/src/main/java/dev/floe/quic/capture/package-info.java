/**
 * What a connection says on the wire, kept for Wireshark: {@link dev.floe.quic.capture.CaptureFile} has the datagrams and
 * the secrets that decrypt them, {@link dev.floe.quic.capture.KeyLogFile} the secrets alone.
 */
package dev.floe.quic.capture;
