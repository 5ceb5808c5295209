package dev.floe.demo.transfer;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A transfer has failed for good: a word for programs, a line for people, and what the other side is told of it. */
public final class TransferException extends IOException {

    @Serial
    private static final long serialVersionUID = 1;

    private static final String IO = "io";
    private static final String PEER_CLOSED = "peer-closed";
    private static final int MAX_MESSAGE = 300;

    private final String error;
    private final transient Frame.Failed told;

    private TransferException(String error, String message, String told, Throwable cause) {
        super(message, cause);
        this.error = error;
        this.told = told == null ? null : new Frame.Failed(error.equals(IO) ? IO : PEER_CLOSED, told);
    }

    /** What is read or written here does not work; the other side need not know the path. */
    static TransferException io(String what, String path, IOException cause) {
        String reason = reason(cause);
        return new TransferException(IO, what + " " + path + ": " + reason, what + " there: " + reason, cause);
    }

    /** What is read or written here is not as it should be. */
    static TransferException io(String message) {
        return new TransferException(IO, message, message, null);
    }

    /** The same, with another line for the other side. */
    static TransferException io(String message, String told) {
        return new TransferException(IO, message, told, null);
    }

    /** This side was to be run otherwise. */
    static TransferException usage(String message) {
        return new TransferException("usage", message, message, null);
    }

    /** The person at this side has stopped it. */
    public static TransferException stopped() {
        return new TransferException(PEER_CLOSED, "stopped", "it was stopped there", null);
    }

    /** The other side has gone, and there is no going on. */
    static TransferException gone(String message, IOException cause) {
        return new TransferException(PEER_CLOSED, message, null, cause);
    }

    /** The other side says something that makes no sense. */
    static TransferException nonsense(String what, Throwable cause) {
        String message = "the other side does not keep to the protocol: " + printable(what);
        return new TransferException(IO, message, "does not understand this side", cause);
    }

    /** What the other side says of its own failure. */
    static TransferException of(Frame.Failed failed) {
        boolean isKnown = Set.of(IO, PEER_CLOSED).contains(failed.error());
        String message = "the other side has failed: " + printable(failed.message());
        return new TransferException(isKnown ? failed.error() : PEER_CLOSED, message, null, null);
    }

    /** One of the words of the command's contract. */
    public String error() {
        return error;
    }

    /** Whether the other side does not know yet. */
    public boolean isOwn() {
        return told != null;
    }

    /** What to tell the other side; empty if it knows. */
    Optional<Frame.Failed> told() {
        return Optional.ofNullable(told);
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "no permission";
        } else if (cause instanceof NoSuchFileException) {
            return "there is no such file";
        } else if (cause instanceof FileAlreadyExistsException) {
            return "there is another file in the way";
        } else if (cause instanceof FileSystemException wrong && wrong.getReason() != null) {
            return wrong.getReason().toLowerCase(Locale.ROOT);
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message.toLowerCase(Locale.ROOT);
    }

    /** In one line, without what a terminal may take for an order. */
    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cc}|\\p{Cf}", " ").strip();
        return line.length() > MAX_MESSAGE ? line.substring(0, MAX_MESSAGE) + "…" : line;
    }
}
