package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Have;
import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Where what comes goes. Blocks; used by one thread. */
public interface Incoming extends Closeable {

    /**
     * A transfer begins, or goes on over another connection.
     *
     * @return what is here already, by the index of the entry; of each file its first bytes or all of them
     */
    List<Have> open(Manifest manifest) throws IOException;

    /**
     * Bytes of a file follow.
     *
     * @param from 0, or as many as {@link #open} has said
     */
    void start(int index, long from) throws IOException;

    /** The next bytes; not released. */
    void write(ByteBuf content) throws IOException;

    /** All bytes of the file have come; returns their SHA-256, those of an earlier connection included. */
    Sha256 end() throws IOException;

    /** The file that has just ended is not what was sent. */
    void discard() throws IOException;

    /** All files are there; returns where. */
    String finish() throws IOException;

    /** Keeps what may be of use another time. */
    @Override
    void close() throws IOException;
}
