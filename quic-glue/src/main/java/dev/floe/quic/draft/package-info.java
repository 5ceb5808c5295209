/**
 * NAT traversal by draft-seemann-quic-nat-traversal-02: its frames, and what its client and its server do with them, without
 * a channel and without a clock.
 */
package dev.floe.quic.draft;
