package dev.floe.ice.agent;

/** What pairs have in common whose checks probably end alike: the foundations of both candidates (RFC 8445 §6.1.2.6). */
record PairFoundation(String local, String remote) {}
