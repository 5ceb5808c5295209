package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.TransferScreen;
import dev.floe.demo.transfer.FileSender;
import dev.floe.demo.transfer.Outgoing;
import dev.floe.demo.transfer.OutgoingFiles;
import dev.floe.demo.transfer.OutgoingStream;
import dev.floe.demo.transfer.TransferCode;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.QuicRole;
import dev.floe.signaling.SignalingException;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code floe send FILE}: prints a code, and sends a file or folder to whoever has it. */
@Command(name = "send", description = "Send a file or a folder to the one who has the code that this prints.")
final class SendCommand implements Callable<Integer> {

    private static final int MAX_TAKEN_ROOMS = 20;

    @Parameters(paramLabel = "FILE", description = "A file, a folder with all that is in it, or - for standard input.")
    private String file;

    @Option(
            names = "--code",
            paramLabel = "CODE",
            converter = Converter.class,
            description = "The code of before, to go on with a transfer that was cut off (default: a new one).")
    private TransferCode code;

    @Mixin
    private CommonOptions common;

    @Mixin
    private PeerOptions options;

    private final TransferScreen screen = new TransferScreen(System.out);

    /** Codes as people type them. */
    static final class Converter implements ITypeConverter<TransferCode> {
        @Override
        public TransferCode convert(String text) {
            try {
                return TransferCode.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    public static void main(String[] args) {
        Floe.run(new SendCommand(), args);
    }

    @Override
    public Integer call() {
        return StopSignal.obeyedBy(stop -> common.run(common.report(screen), report -> send(report, stop)));
    }

    private Event.Result send(Report report, StopSignal stop) throws Exception {
        options.observe(report);
        screen.meetAt(options.signalOption());
        Outgoing outgoing = outgoing();
        PeerIdentity identity = options.loadIdentity();
        try (EventLoops loops = new EventLoops(1);
                TransferRoom room = enter(loops.group(), identity, report, stop)) {
            report.event(new Event.Code(code.toString()));
            TransferRun run = new TransferRun(
                    true,
                    common.isJson(),
                    screen,
                    "floe send " + quoted(file) + " --code " + code + options.signalOption());
            FileSender sender = new FileSender(outgoing, run);
            return run.run(
                    room,
                    options.hasTimeout() ? options.timeout().minus(Report.elapsed()) : PeerOptions.FOR_EVER,
                    options.timeout(),
                    sender::send);
        }
    }

    private Outgoing outgoing() throws IOException {
        return file.equals("-")
                ? new OutgoingStream("stdin", System.in)
                : OutgoingFiles.of(Path.of(file), line -> screen.note(line, common.isJson()));
    }

    /** The room of the given code; or of a new one, where nobody is yet. */
    private TransferRoom enter(EventLoopGroup group, PeerIdentity identity, Report report, StopSignal stop)
            throws Exception {
        boolean isGiven = code != null;
        for (int tries = 1; ; tries++) {
            code = isGiven ? code : TransferCode.random(new SecureRandom());
            TransferRoom room = new TransferRoom(QuicRole.SERVER, options, group, identity, report);
            boolean isTaken;
            try {
                isTaken = room.enter(code, stop) > 0;
            } catch (ExecutionException e) {
                room.close();
                if (isGiven || tries == MAX_TAKEN_ROOMS || !isFull(e.getCause())) {
                    throw e;
                }
                continue;
            }
            if (isGiven || !isTaken || tries == MAX_TAKEN_ROOMS) {
                return room;
            }
            room.close();
        }
    }

    /** As a shell takes it for one word. */
    static String quoted(String word) {
        return word.matches("[\\w./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static boolean isFull(Throwable cause) {
        return cause instanceof SignalingException refused && refused.code().equals(SignalingException.ROOM_FULL);
    }
}
