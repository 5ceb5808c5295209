package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Have;
import dev.floe.demo.transfer.Frame.Kind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A file, or a folder with all that is in it, to a folder of this machine. */
public final class IncomingFiles implements Incoming {

    private static final int BLOCK = 1 << 20;

    private final Path out;
    private final Consumer<String> notes;
    private Manifest manifest;
    private PartialFolder partial;
    private List<Path> targets;

    /** Where the files that are there in part can go on; of whole files there may be many. */
    private final Map<Integer, MessageDigest> begun = new HashMap<>();

    private final Map<Integer, Have> there = new HashMap<>();
    private int index;
    private FileChannel channel;
    private MessageDigest digest;

    /**
     * @param out made if it does not exist
     * @param notes hears of what goes by another name here
     */
    public IncomingFiles(Path out, Consumer<String> notes) {
        this.out = out;
        this.notes = notes;
    }

    @Override
    public List<Have> open(Manifest offered) throws IOException {
        close();
        targets = null;
        manifest = offered;
        try {
            Files.createDirectories(out);
            partial = PartialFolder.open(out, offered.id());
            targets = new SafePaths(partial.files(), notes).of(offered);
            for (int i = 0; i < targets.size(); i++) {
                look(i);
            }
            requireSpace();
        } catch (IOException e) {
            throw failed(out, e);
        }
        return there.values().stream().toList();
    }

    @Override
    public void start(int entry, long from) throws IOException {
        index = entry;
        Have have = there.get(entry);
        if (from != 0 && (have == null || have.size() != from)) {
            throw TransferException.nonsense("a file from where it was not left", null);
        }
        digest = from == 0 ? Sha256.newDigest() : begun.get(entry);
        try {
            channel = FileChannel.open(
                    targets.get(entry), StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS);
            channel.truncate(from).position(from);
        } catch (IOException e) {
            throw failed(targets.get(entry), e);
        }
    }

    @Override
    public void write(ByteBuf content) throws IOException {
        digest.update(content.nioBuffer());
        try {
            while (content.isReadable()) {
                content.readBytes(channel, content.readableBytes());
            }
        } catch (IOException e) {
            throw failed(targets.get(index), e);
        }
    }

    @Override
    public Sha256 end() throws IOException {
        Path file = targets.get(index);
        try {
            channel.close();
            if (manifest.entries().get(index).isExecutable()) {
                makeExecutable(file);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
        return digest == null ? there.get(index).sha256() : Sha256.of(digest);
    }

    @Override
    public void discard() throws IOException {
        Files.deleteIfExists(targets.get(index));
    }

    @Override
    public String finish() throws IOException {
        try {
            Path file = manifest.kind() == Kind.FOLDER ? partial.files() : targets.get(0);
            String where =
                    partial.moveTo(out, file, SafeName.of(manifest.name())).toString();
            close();
            return where;
        } catch (IOException e) {
            throw failed(out, e);
        }
    }

    @Override
    public void close() throws IOException {
        begun.clear();
        there.clear();
        if (channel != null) {
            channel.close();
        }
        if (partial != null) {
            if (manifest.kind() != Kind.FOLDER && targets != null && isWorthless(targets.get(0))) {
                Files.deleteIfExists(targets.get(0));
            }
            partial.close();
            partial = null;
        }
    }

    /** Nobody can ever say the rest of a stream. */
    private boolean isWorthless(Path file) throws IOException {
        return manifest.kind() == Kind.STREAM || (Files.exists(file) && Files.size(file) == 0);
    }

    /** Makes a folder, or looks how much of a file is there. */
    private void look(int i) throws IOException {
        Entry entry = manifest.entries().get(i);
        Path target = targets.get(i);
        if (entry.isFolder()) {
            PartialFolder.createFolder(target);
        } else if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) && entry.size() > 0) {
            MessageDigest prefix = Sha256.newDigest();
            long size = read(target, entry.size(), prefix);
            if (size > 0) {
                there.put(i, new Have(i, size, Sha256.of(prefix)));
            }
            if (size < entry.size()) {
                begun.put(i, prefix);
            }
        }
    }

    /** Returns how many bytes of the file there are, up to a limit. */
    private static long read(Path file, long limit, MessageDigest into) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        long size = 0;
        try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            block.limit((int) Math.min(BLOCK, limit));
            while (size < limit && from.read(block) >= 0) {
                size += block.flip().remaining();
                into.update(block);
                block.clear().limit((int) Math.min(BLOCK, limit - size));
            }
        }
        return size;
    }

    private void requireSpace() throws IOException {
        long missing =
                manifest.total() - there.values().stream().mapToLong(Have::size).sum();
        long free = Files.getFileStore(out).getUsableSpace();
        if (missing > free) {
            throw TransferException.io(
                    "no space left on device: %s needed in %s, %s free"
                            .formatted(Amount.bytes(missing), out, Amount.bytes(free)),
                    "no space left on device there: %s needed, %s free"
                            .formatted(Amount.bytes(missing), Amount.bytes(free)));
        }
    }

    /** For those who may read it. */
    private static void makeExecutable(Path file) throws IOException {
        if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
            return;
        }
        Set<PosixFilePermission> may = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        List<PosixFilePermission> more = new ArrayList<>();
        for (PosixFilePermission each : may) {
            switch (each) {
                case OWNER_READ -> more.add(PosixFilePermission.OWNER_EXECUTE);
                case GROUP_READ -> more.add(PosixFilePermission.GROUP_EXECUTE);
                case OTHERS_READ -> more.add(PosixFilePermission.OTHERS_EXECUTE);
                default -> {}
            }
        }
        may.addAll(more);
        Files.setPosixFilePermissions(file, may);
    }

    private static IOException failed(Path where, IOException cause) {
        return cause instanceof TransferException
                ? cause
                : TransferException.io("cannot write", where.toString(), cause);
    }
}
