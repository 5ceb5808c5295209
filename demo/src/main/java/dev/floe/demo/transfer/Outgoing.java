package dev.floe.demo.transfer;

import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;

/** What is to be sent. Blocks; used by one thread. */
public interface Outgoing {

    Manifest manifest();

    /** Whether its bytes can be read again, over another connection. */
    boolean isRepeatable();

    /** The bytes of a file, from its first one. */
    Content open(int index) throws IOException;

    /** Bytes of one file, one after the other. */
    interface Content extends Closeable {

        /**
         * Reads as many of the next bytes as are there and fit.
         *
         * @param into has room; gets none if they are a long time coming, and the caller should ask again
         * @return false at the end
         */
        boolean read(ByteBuf into) throws IOException, InterruptedException;
    }
}
