/**
 * Our agent and other people's, each in either role. Start with {@link dev.floe.demo.interop.FloeAgent}, our side; each
 * {@code *LoopbackTest} brings its own other side. What a run prints after {@code interop:} is the README's table.
 */
package dev.floe.demo.interop;
