/** What the commands tell: typed events, as JSON lines for programs or as text for people. Start at {@code Event}. */
package dev.floe.demo.report;
