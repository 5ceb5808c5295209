package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Moment;
import dev.floe.demo.report.Output;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Writes the page with all events in it to a file, once there are no more. */
public final class ReportFile implements Output {

    private final Path path;
    private final Writer writer;
    private final History history = new History();

    private ReportFile(Path path, Writer writer) {
        this.path = path;
        this.writer = writer;
    }

    /**
     * Creates the file, or empties it.
     *
     * @throws IOException if it cannot be written; one knows at once
     */
    public static ReportFile create(Path path) throws IOException {
        try {
            return new ReportFile(path, Files.newBufferedWriter(path, UTF_8));
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

    /** A file system's exceptions say what is wrong by their class. */
    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        return e instanceof AccessDeniedException ? "no permission" : e.getMessage();
    }
}
