/**
 * Files from one peer to another over one stream: what is said ({@code Frame}), how each side says it ({@code FileSender},
 * {@code FileReceiver}), and what keeps the receiver's disk safe. Start at {@code FileSender}.
 */
package dev.floe.demo.transfer;
