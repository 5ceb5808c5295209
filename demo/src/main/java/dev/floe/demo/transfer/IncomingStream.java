package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Have;
import dev.floe.demo.transfer.Frame.Kind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.List;

/** One file to standard output, or another stream, from which nothing can be taken back. */
public final class IncomingStream implements Incoming {

    private final OutputStream out;
    private final MessageDigest digest = Sha256.newDigest();
    private long written;

    public IncomingStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public List<Have> open(Manifest manifest) throws TransferException {
        if (manifest.kind() == Kind.FOLDER) {
            throw TransferException.usage("a folder cannot go to standard output; name a folder with --out");
        }
        return written == 0 ? List.of() : List.of(new Have(0, written, Sha256.of(digest)));
    }

    @Override
    public void start(int index, long from) throws TransferException {
        if (from != written) {
            throw TransferException.io(
                    "the file has changed since the first part of it was written to standard output");
        }
    }

    @Override
    public void write(ByteBuf content) throws TransferException {
        int count = content.readableBytes();
        digest.update(content.nioBuffer());
        try {
            content.readBytes(out, count);
            out.flush();
        } catch (IOException e) {
            throw TransferException.io("cannot write", "to standard output", e);
        }
        written += count;
    }

    @Override
    public Sha256 end() {
        return Sha256.of(digest);
    }

    @Override
    public void discard() {
        // It has been written.
    }

    @Override
    public String finish() {
        return "standard output";
    }

    @Override
    public void close() {
        // The stream belongs to who has opened it.
    }
}
