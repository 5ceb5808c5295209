package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Moment;
import dev.floe.demo.report.Output;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes the page with all events in it to a file, once there are no more. */
public final class ReportFile implements Output {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<OpenOption> ANEW =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);

    private final Path path;
    private final Writer writer;
    private final History history = new History();

    private ReportFile(Path path, Writer writer) {
        this.path = path;
        this.writer = writer;
    }

    /**
     * Creates the file, or empties it. Where the file system knows owners, it is readable for its own alone.
     *
     * @throws IOException if it cannot be written; one knows at once
     */
    public static ReportFile create(Path path) throws IOException {
        try {
            return new ReportFile(path, open(path));
        } catch (IOException e) {
            throw new IOException("the report " + path + " cannot be written: " + reason(e), e);
        }
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        history.add(event, peer, moment);
    }

    @Override
    public void close() {
        try (writer) {
            writer.write(Page.load().of(history.lines()));
        } catch (IOException e) {
            System.err.println("floe: the report " + path + " is not complete: " + e.getMessage());
        }
    }

    private static Writer open(Path path) throws IOException {
        boolean isPosix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = isPosix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        Writer writer = Channels.newWriter(Files.newByteChannel(path, ANEW, attributes), UTF_8);
        if (isPosix && Files.isRegularFile(path)) {
            Files.setPosixFilePermissions(path, OWNER_ONLY);
        }
        return writer;
    }

    /** A file system's exceptions say what is wrong by their class. */
    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        return e instanceof AccessDeniedException ? "no permission" : e.getMessage();
    }
}
