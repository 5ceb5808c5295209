/**
 * What happens to a connection, as a page: served live by the peer itself ({@code --web}), or written to a file at the
 * end ({@code --report}). Start at {@code Page}.
 */
package dev.floe.demo.web;
