/**
 * The server's connections: {@code RequestHandler} reads each one's HTTP request, then {@code RoomHandler} takes what a
 * client says to its room, and {@code RoomOutlet} writes to the client what its inbox holds.
 */
package dev.floe.signaling.server;
