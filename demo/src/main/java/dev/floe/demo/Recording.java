package dev.floe.demo;

import dev.floe.quic.PeerConfig;
import dev.floe.quic.capture.CaptureFile;
import dev.floe.quic.capture.CaptureTap;
import dev.floe.quic.capture.KeyLogFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What of a command's connections is written down for other tools to read. */
final class Recording {

    private final List<BiConsumer<PeerConfig.Builder, String>> settings = new ArrayList<>();
    private final List<Runnable> endings = new ArrayList<>();
    private CaptureFile capture;

    /** Captures datagrams. */
    void pcap(Path path) throws IOException {
        CaptureFile file = CaptureFile.open(path);
        capture = file;
        settings.add((config, name) -> config.capture(() -> file.tap(name)));
        endings.add(() -> {
            close(path, file);
            if (file.dropped() > 0) {
                System.err.println("floe: " + path + " lacks " + file.dropped() + " datagrams");
            }
        });
    }

    /** Logs TLS secrets. */
    void keyLog(Path path) throws IOException {
        KeyLogFile file = KeyLogFile.open(path);
        settings.add((config, name) -> config.keyLog(file));
        endings.add(() -> close(path, file));
    }

    /** Has QUIC write its own log into the folder, which is made if it is missing. */
    void qlog(Path folder) throws IOException {
        try {
            Files.createDirectories(folder, ownerOnly(folder));
        } catch (FileSystemException e) {
            throw new IOException("cannot make the folder " + folder, e);
        }
        if (!Files.isWritable(folder)) {
            throw new IOException("cannot write into the folder " + folder);
        }
        settings.add((config, name) -> config.qlog(folder));
    }

    /** Has a connection recorded, under a name that tells it from others of the process. */
    PeerConfig.Builder of(PeerConfig.Builder config, String name) {
        settings.forEach(setting -> setting.accept(config, name));
        return config;
    }

    /** One connection's part of the capture, if there is one, for who has sockets beside it. */
    Optional<CaptureTap> tap(String name) {
        return Optional.ofNullable(capture).map(file -> file.tap(name));
    }

    /** Writes what is still to be written; a file that could not be written to its end does not fail the command. */
    void end() {
        endings.forEach(Runnable::run);
    }

    private static void close(Path path, Closeable file) {
        try {
            file.close();
        } catch (IOException e) {
            System.err.println("floe: " + path + " is not complete: " + e.getMessage());
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
