/**
 * Rooms without a network: {@link dev.floe.signaling.room.Room} has the rules, {@link
 * dev.floe.signaling.room.RoomStore} says where rooms live.
 */
package dev.floe.signaling.room;
