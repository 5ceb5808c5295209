package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Kind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** What comes from standard input, or another stream, which is read on a thread of its own: nobody can interrupt that. */
public final class OutgoingStream implements Outgoing {

    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 8;
    private static final int PATIENCE_MILLIS = 100;
    private static final byte[] END = {};

    private final Manifest manifest;
    private final InputStream in;
    private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(BLOCKS);
    private volatile IOException failure;

    /** @param name what the receiver will call it */
    public OutgoingStream(String name, InputStream in) {
        this.manifest = new Manifest(Kind.STREAM, name, List.of(new Entry(name, false, false, -1)));
        this.in = in;
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public Content open(int index) {
        Thread reader = new Thread(this::readAll, "input");
        reader.setDaemon(true);
        reader.start();
        return new StreamContent();
    }

    private void readAll() {
        try {
            try {
                readBlocks();
            } catch (IOException e) {
                failure = e;
            }
            blocks.put(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readBlocks() throws IOException, InterruptedException {
        byte[] block = new byte[BLOCK];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            if (count > 0) {
                blocks.put(Arrays.copyOf(block, count));
            }
        }
    }

    /** Block by block, none of which is larger than what a sender has room for. */
    private final class StreamContent implements Content {

        @Override
        public boolean read(ByteBuf into) throws IOException, InterruptedException {
            byte[] block = blocks.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            if (block == END) {
                if (failure != null) {
                    throw TransferException.io("cannot read", manifest.name(), failure);
                }
                return false;
            }
            if (block != null) {
                into.writeBytes(block);
            }
            return true;
        }

        @Override
        public void close() {
            // The stream belongs to who has opened it.
        }
    }
}
