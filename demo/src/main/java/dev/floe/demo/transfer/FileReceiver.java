package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.Done;
import dev.floe.demo.transfer.Frame.End;
import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Have;
import dev.floe.demo.transfer.Frame.Kind;
import dev.floe.demo.transfer.Frame.Offer;
import dev.floe.demo.transfer.Frame.Ready;
import dev.floe.demo.transfer.Frame.Received;
import dev.floe.demo.transfer.Frame.Start;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The receiving side of a transfer, for a thread that may block: over one stream after the other, until everything is there
 * and the sender's sums are its own. It takes exactly what was offered, in that order, and no byte more.
 */
public final class FileReceiver {

    // Twice as often as the command's contract asks for, on a slow link too.
    private static final long REPORT_NANOS = 200_000_000;

    private final Incoming incoming;
    private final TransferListener listener;
    private boolean isRepeatable = true;
    private Manifest manifest;
    private long bytes;
    private long reportedNanos;

    public FileReceiver(Incoming incoming, TransferListener listener) {
        this.incoming = incoming;
        this.listener = listener;
    }

    /**
     * Receives what is not there yet, and tells the sender when everything is.
     *
     * @throws ConnectionLostException if another stream can carry on
     * @throws TransferException if none can
     */
    public void receive(FrameStream stream) throws IOException, InterruptedException {
        try {
            receiveAll(stream);
        } catch (ConnectionLostException e) {
            if (!isRepeatable) {
                throw TransferException.gone(
                        "the other side has gone, and what comes from its standard input cannot be sent again", e);
            }
            throw e;
        }
    }

    private void receiveAll(FrameStream stream) throws IOException, InterruptedException {
        manifest = readManifest(stream);
        for (Have have : incoming.open(manifest)) {
            stream.write(have);
        }
        stream.write(new Ready());
        stream.flush();
        listener.began(manifest.name(), manifest.files(), manifest.total());
        isRepeatable = manifest.kind() != Kind.STREAM;
        bytes = 0;
        reportedNanos = System.nanoTime();
        List<Sha256> sums = new ArrayList<>();
        for (int index = 0; index < manifest.entries().size(); index++) {
            if (!manifest.entries().get(index).isFolder()) {
                sums.add(receiveFile(stream, index));
            }
        }
        report(stream);
        Sha256 whole = manifest.whole(sums);
        String where = incoming.finish();
        isRepeatable = true;
        listener.done(new Transferred(manifest.name(), bytes, whole.toString(), where));
        stream.write(new Done(whole));
        stream.flush();
    }

    private static Manifest readManifest(FrameStream stream) throws IOException, InterruptedException {
        Offer offer = stream.read(Offer.class);
        if (offer.entries() > Manifest.MAX_ENTRIES) {
            throw TransferException.io("too many files in one transfer: " + offer.entries());
        }
        List<Entry> entries = new ArrayList<>();
        int characters = 0;
        for (int i = 0; i < offer.entries(); i++) {
            Entry entry = stream.read(Entry.class);
            entries.add(entry);
            characters += entry.path().length();
            if (characters > Manifest.MAX_CHARACTERS) {
                throw TransferException.io("too long names in one transfer");
            }
        }
        return Manifest.of(offer.kind(), offer.name(), entries);
    }

    private Sha256 receiveFile(FrameStream stream, int index) throws IOException, InterruptedException {
        Entry entry = manifest.entries().get(index);
        Start start = stream.read(Start.class);
        long limit = entry.size() < 0 ? Long.MAX_VALUE : entry.size();
        if (start.index() != index || start.from() > limit) {
            throw FrameStream.unexpected(start);
        }
        incoming.start(index, start.from());
        bytes += start.from();
        if (start.from() > 0) {
            report(stream);
        }
        long size = start.from();
        Frame frame = stream.read();
        while (frame instanceof Data data) {
            size += write(data.content(), limit - size);
            reportIfDue(stream);
            frame = stream.read();
        }
        if (!(frame instanceof End end) || (entry.size() >= 0 && size != entry.size())) {
            throw FrameStream.unexpected(frame);
        }
        Sha256 sum = incoming.end();
        if (!sum.equals(end.sha256())) {
            incoming.discard();
            throw TransferException.io("a file has not arrived as it was sent: its SHA-256 is another one");
        }
        return sum;
    }

    /** Returns how many bytes that were, and releases them. */
    private int write(ByteBuf content, long limit) throws IOException {
        try {
            int count = content.readableBytes();
            if (count > limit) {
                throw TransferException.nonsense("more bytes than the file has", null);
            }
            listener.received(count);
            incoming.write(content);
            bytes += count;
            return count;
        } finally {
            content.release();
        }
    }

    private void reportIfDue(FrameStream stream) throws IOException, InterruptedException {
        if (System.nanoTime() - reportedNanos >= REPORT_NANOS) {
            report(stream);
        }
    }

    private void report(FrameStream stream) throws IOException, InterruptedException {
        reportedNanos = System.nanoTime();
        listener.progress(bytes, manifest.total());
        stream.write(new Received(bytes));
        stream.flush();
    }
}
