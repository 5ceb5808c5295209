package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Kind;
import io.netty.buffer.ByteBuf;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A file, or a folder with all that is in it but links and devices. */
public final class OutgoingFiles implements Outgoing {

    private final Manifest manifest;
    private final List<Path> paths;

    private OutgoingFiles(Manifest manifest, List<Path> paths) {
        this.manifest = manifest;
        this.paths = paths;
    }

    private record Found(Entry entry, Path path) {}

    /**
     * Looks what there is.
     *
     * @param notes hears of what is left out
     * @throws TransferException if there is no such file, or something of it cannot be read
     */
    public static OutgoingFiles of(Path path, Consumer<String> notes) throws TransferException {
        try {
            Path root = path.toRealPath();
            if (Files.isDirectory(root)) {
                List<Found> found = new Walk(notes).all(root);
                found.sort(Comparator.comparing(item -> item.entry().path(), Manifest::compare));
                return of(Kind.FOLDER, name(path, root), found);
            }
            BasicFileAttributes attributes = Files.readAttributes(root, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw TransferException.io(path + " is neither a file nor a folder");
            }
            String name = name(path, root);
            return of(Kind.FILE, name, List.of(found(name, root, attributes)));
        } catch (IOException e) {
            throw e instanceof TransferException known
                    ? known
                    : TransferException.io("cannot read", path.toString(), e);
        }
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public Content open(int index) throws TransferException {
        Path path = paths.get(index);
        try {
            return new FileContent(
                    path, FileChannel.open(path), manifest.entries().get(index).size());
        } catch (IOException e) {
            throw TransferException.io("cannot read", path.toString(), e);
        }
    }

    private static OutgoingFiles of(Kind kind, String name, List<Found> found) throws TransferException {
        return new OutgoingFiles(
                Manifest.of(kind, name, found.stream().map(Found::entry).toList()),
                found.stream().map(Found::path).toList());
    }

    /** A link is sent under its own name; {@code .} and {@code ..} have none. */
    private static String name(Path given, Path real) {
        Path last = given.normalize().getFileName();
        boolean hasName =
                last != null && !last.toString().isEmpty() && !last.toString().equals("..");
        if (hasName) {
            return FileNames.of(given.toAbsolutePath().normalize());
        }
        return real.getFileName() == null ? "files" : FileNames.of(real);
    }

    private static Found found(String path, Path file, BasicFileAttributes attributes) throws TransferException {
        if (!Files.isReadable(file)) {
            throw TransferException.io("cannot read " + file + ": no permission");
        }
        return new Found(new Entry(path, false, isExecutable(file), attributes.size()), file);
    }

    // On Windows every file is.
    private static boolean isExecutable(Path file) {
        return File.separatorChar == '/' && Files.isExecutable(file);
    }

    /** One look into all folders. */
    private static final class Walk {
        private final Consumer<String> notes;
        private final Deque<Found> folders = new ArrayDeque<>();
        private final List<Found> all = new ArrayList<>();
        private int characters;

        Walk(Consumer<String> notes) {
            this.notes = notes;
        }

        List<Found> all(Path root) throws IOException {
            list("", root);
            while (!folders.isEmpty()) {
                Found folder = folders.remove();
                list(folder.entry().path() + "/", folder.path());
            }
            return all;
        }

        private void list(String prefix, Path folder) throws IOException {
            try (DirectoryStream<Path> items = Files.newDirectoryStream(folder)) {
                for (Path item : items) {
                    add(prefix + FileNames.of(item), item);
                }
            } catch (IOException e) {
                throw e instanceof TransferException known
                        ? known
                        : TransferException.io("cannot read", folder.toString(), e);
            }
        }

        private void add(String path, Path item) throws IOException {
            BasicFileAttributes attributes =
                    Files.readAttributes(item, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()) {
                Found folder = new Found(new Entry(path, true, false, 0), item);
                folders.add(folder);
                count(folder);
            } else if (attributes.isRegularFile()) {
                count(found(path, item, attributes));
            } else {
                notes.accept("left out: " + item + ", which is a " + (attributes.isSymbolicLink() ? "link" : "device"));
            }
        }

        private void count(Found found) throws TransferException {
            all.add(found);
            characters += found.entry().path().length();
            if (all.size() > Manifest.MAX_ENTRIES || characters > Manifest.MAX_CHARACTERS) {
                throw TransferException.io("more than " + Manifest.MAX_ENTRIES
                        + " files, or names too long for one transfer; pack them into an archive");
            }
        }
    }

    /** A file that should have as many bytes as it had. */
    private static final class FileContent implements Content {
        private final Path path;
        private final FileChannel channel;
        private long left;

        FileContent(Path path, FileChannel channel, long size) {
            this.path = path;
            this.channel = channel;
            this.left = size;
        }

        @Override
        public boolean read(ByteBuf into) throws TransferException {
            try {
                int count = into.writeBytes(channel, (int) Math.min(left, into.writableBytes()));
                left -= Math.max(count, 0);
                if ((count < 0 && left > 0) || (left == 0 && channel.size() != channel.position())) {
                    throw TransferException.io(
                            path + " has changed while it was sent", "the file has changed while it was sent");
                }
                return count > 0;
            } catch (IOException e) {
                throw e instanceof TransferException known
                        ? known
                        : TransferException.io("cannot read", path.toString(), e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
