/**
 * Floe in one's own application, each a {@code main} to be read in a minute and copied from.
 * {@link dev.floe.demo.examples.WhatIsMyAddress} and {@link dev.floe.demo.examples.UdpChat} use one handler alone;
 * {@link dev.floe.demo.examples.StreamsAndDatagrams}, {@link dev.floe.demo.examples.TcpTunnel} and
 * {@link dev.floe.demo.examples.ManyPeers} use a whole connection between peers.
 */
package dev.floe.demo.examples;
