package dev.floe.quic.capture;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * A TLS key log (the NSS key log format, as in {@code SSLKEYLOGFILE}): with it, who has a capture of the network can read
 * the connections. A thread of its own writes. Safe for several threads.
 */
public final class KeyLogFile implements Consumer<String>, Closeable {

    private static final long MAX_QUEUED_BYTES = 1 << 20;

    private final WriteBehind<String> writer;

    private KeyLogFile(WriteBehind<String> writer) {
        this.writer = writer;
    }

    /**
     * Starts a file that only its owner may read, or goes on with the one that is there.
     *
     * @param file where to
     * @return the open file
     * @throws IOException if it cannot be written
     */
    public static KeyLogFile open(Path file) throws IOException {
        Writer out = new BufferedWriter(
                new OutputStreamWriter(OwnerOnlyFile.open(file, StandardOpenOption.APPEND), StandardCharsets.US_ASCII));
        return new KeyLogFile(new WriteBehind<>("key-log", MAX_QUEUED_BYTES, new Lines(out)));
    }

    /**
     * Adds a line, if less than a megabyte of them waits to be written.
     *
     * @param line a label, the client's random and a secret, without the end of the line
     */
    @Override
    public void accept(String line) {
        writer.offer(line, line.length());
    }

    /**
     * Writes what is still to be written and closes the file.
     *
     * @throws IOException if writing has failed, now or before
     */
    @Override
    public void close() throws IOException {
        writer.close();
    }

    private record Lines(Writer out) implements WriteBehind.Sink<String> {

        @Override
        public void write(String line) throws IOException {
            out.write(line + '\n');
        }

        @Override
        public long idle() throws IOException {
            out.flush();
            return Long.MAX_VALUE;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
