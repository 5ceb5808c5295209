/** What both ends of a WebSocket have in common: messages as JSON, and keeping alive. */
package dev.floe.signaling.wire;
