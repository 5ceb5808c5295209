/**
 * Rooms that many nodes share. Start reading at {@link dev.floe.signaling.redis.RedisRoomStore}; what holds when a node
 * or Redis dies is in docs/signaling.md.
 */
package dev.floe.signaling.redis;
