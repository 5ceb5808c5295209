package dev.floe.demo.transfer;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What has come of one transfer, in a hidden folder beside where it will be: {@code .floe-ID}, in which {@code files} grows
 * until it is moved to its own name. Only one process at a time has it.
 */
final class PartialFolder implements AutoCloseable {

    private final Path folder;
    private final Path files;
    private final Path lockFile;
    private final FileChannel channel;

    private PartialFolder(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
        files = folder.resolve("files");
        lockFile = folder.resolve("lock");
    }

    /** Finds or makes it, in the folder where the files will be. */
    static PartialFolder open(Path out, String id) throws IOException {
        Path folder = out.resolve(".floe-" + id);
        createFolder(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        PartialFolder partial = new PartialFolder(folder, channel);
        try {
            if (!partial.isLocked()) {
                throw TransferException.io(
                        "another receiver is at work on the same files in " + out,
                        "another receiver there is at work on the same files");
            }
            createFolder(partial.files);
            return partial;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Where the files are until they are moved. */
    Path files() {
        return files;
    }

    /**
     * Moves a file or folder of {@link #files}, or that itself, to a name under which there is nothing yet.
     *
     * @return where it is now
     */
    Path moveTo(Path out, Path file, String name) throws IOException {
        boolean isFolder = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
        for (int number = 0; ; number++) {
            Path target = FileNames.in(out, SafeName.numbered(name, number));
            if (isReserved(target, isFolder)) {
                // Windows moves no folder onto another one at once.
                Files.move(file, target, isFolder ? REPLACE_EXISTING : ATOMIC_MOVE);
                return target;
            }
        }
    }

    /** Keeps what is there; if that is nothing, not even the folder. */
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(files);
            channel.close();
            Files.deleteIfExists(lockFile);
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            channel.close();
        }
    }

    private boolean isLocked() throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    // An empty file or folder of one's own can be replaced, and nobody else's ever is.
    private static boolean isReserved(Path target, boolean isFolder) throws IOException {
        try {
            if (isFolder) {
                Files.createDirectory(target);
            } else {
                Files.createFile(target);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** As {@link Files#createDirectory}, unless it is there; a link to one is not. */
    static void createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder);
        }
    }
}
