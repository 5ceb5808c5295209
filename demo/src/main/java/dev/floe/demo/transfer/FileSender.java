package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.Done;
import dev.floe.demo.transfer.Frame.End;
import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Have;
import dev.floe.demo.transfer.Frame.Offer;
import dev.floe.demo.transfer.Frame.Ready;
import dev.floe.demo.transfer.Frame.Start;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The sending side of a transfer, for a thread that may block: over one stream after the other, until the receiver has said
 * that it has everything. Whatever the receiver has of a file is not sent again if its SHA-256 is that of the file's own
 * first bytes.
 */
public final class FileSender {

    /** What is read, hashed and sent at a time. */
    private static final int BLOCK = 64 << 10;

    private static final long MIN_PROGRESS_NANOS = 50_000_000;

    private final Outgoing outgoing;
    private final Manifest manifest;
    private final TransferListener listener;
    private boolean hasBegun;

    public FileSender(Outgoing outgoing, TransferListener listener) {
        this.outgoing = outgoing;
        this.listener = listener;
        manifest = outgoing.manifest();
    }

    /**
     * Sends what the receiver lacks, and returns when it has said that it has everything.
     *
     * @throws ConnectionLostException if another stream can carry on
     * @throws TransferException if none can
     */
    public void send(FrameStream stream) throws IOException, InterruptedException {
        try {
            sendAll(stream);
        } catch (ConnectionLostException e) {
            if (hasBegun && !outgoing.isRepeatable()) {
                throw TransferException.gone(
                        "the other side has gone, and what comes from standard input cannot be sent again", e);
            }
            throw e;
        }
    }

    private void sendAll(FrameStream stream) throws IOException, InterruptedException {
        List<Entry> entries = manifest.entries();
        stream.onReceived(new Progress(manifest.total()));
        stream.write(new Offer(manifest.kind(), manifest.name(), entries.size()));
        for (Entry entry : entries) {
            stream.write(entry);
        }
        Map<Integer, Have> there = readWhatIsThere(stream);
        listener.began(manifest.name(), manifest.files(), manifest.total());
        hasBegun = true;
        List<Sha256> sums = new ArrayList<>();
        long bytes = 0;
        for (int index = 0; index < entries.size(); index++) {
            if (!entries.get(index).isFolder()) {
                bytes += sendFile(stream, index, there.get(index), sums);
            }
        }
        Sha256 whole = manifest.whole(sums);
        if (!stream.read(Done.class).sha256().equals(whole)) {
            throw TransferException.io("what has arrived is not what was sent");
        }
        listener.done(new Transferred(manifest.name(), bytes, whole.toString(), ""));
    }

    private Map<Integer, Have> readWhatIsThere(FrameStream stream) throws IOException, InterruptedException {
        Map<Integer, Have> there = new HashMap<>();
        Frame frame = stream.read();
        while (frame instanceof Have have) {
            there.put(have.index(), have);
            if (there.size() > manifest.entries().size()) {
                throw FrameStream.unexpected(frame);
            }
            frame = stream.read();
        }
        if (!(frame instanceof Ready)) {
            throw FrameStream.unexpected(frame);
        }
        return there;
    }

    /** What the receiver says that it has, on the event loop: told no more often than a person can follow. */
    private final class Progress implements LongConsumer {
        private final long total;
        private long told = -1;
        private long toldNanos;

        Progress(long total) {
            this.total = total;
        }

        @Override
        public void accept(long bytes) {
            long now = System.nanoTime();
            boolean isNews = bytes > told && (total < 0 || bytes <= total);
            boolean isDue = told < 0 || bytes == total || now - toldNanos >= MIN_PROGRESS_NANOS;
            if (isNews && isDue) {
                told = bytes;
                toldNanos = now;
                listener.progress(bytes, total);
            }
        }
    }

    /** Returns the file's length. */
    private long sendFile(FrameStream stream, int index, Have have, List<Sha256> sums)
            throws IOException, InterruptedException {
        try (Outgoing.Content content = outgoing.open(index)) {
            MessageDigest digest = Sha256.newDigest();
            long size =
                    have == null || have.size() > manifest.entries().get(index).size() ? 0 : have.size();
            skip(stream, content, size, digest);
            if (size > 0 && !Sha256.of(digest).equals(have.sha256())) {
                return sendAnew(stream, index, sums);
            }
            stream.write(new Start(index, size));
            size += sendRest(stream, content, digest);
            Sha256 sum = Sha256.of(digest);
            stream.write(new End(sum));
            sums.add(sum);
            return size;
        }
    }

    /** What the receiver has is of another file. */
    private long sendAnew(FrameStream stream, int index, List<Sha256> sums) throws IOException, InterruptedException {
        return sendFile(stream, index, null, sums);
    }

    private static void skip(FrameStream stream, Outgoing.Content content, long count, MessageDigest digest)
            throws IOException, InterruptedException {
        ByteBuf block = stream.allocator().directBuffer(BLOCK);
        try {
            for (long left = count; left > 0; left -= block.readableBytes()) {
                stream.check();
                block.clear().capacity((int) Math.min(BLOCK, left));
                if (!content.read(block)) {
                    throw TransferException.io("a file has become shorter while it was sent");
                }
                digest.update(block.nioBuffer());
            }
        } finally {
            block.release();
        }
    }

    /** Returns how many bytes that were. */
    private static long sendRest(FrameStream stream, Outgoing.Content content, MessageDigest digest)
            throws IOException, InterruptedException {
        long sent = 0;
        boolean hasMore = true;
        while (hasMore) {
            ByteBuf block = stream.allocator().directBuffer(BLOCK, BLOCK);
            try {
                hasMore = content.read(block);
                digest.update(block.nioBuffer());
                sent += block.readableBytes();
                if (block.isReadable()) {
                    stream.write(new Data(block.retain()));
                } else {
                    stream.check();
                }
            } finally {
                block.release();
            }
        }
        return sent;
    }
}
