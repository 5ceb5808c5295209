/**
 * The {@code floe} command. Start reading at {@link dev.floe.demo.Floe}; each sub-command is a small class of its own
 * with a {@code main}, and {@code DemoCommand} has all of it in one process.
 */
package dev.floe.demo;
