package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.TransferScreen;
import dev.floe.demo.transfer.FileReceiver;
import dev.floe.demo.transfer.Incoming;
import dev.floe.demo.transfer.IncomingFiles;
import dev.floe.demo.transfer.IncomingStream;
import dev.floe.demo.transfer.TransferCode;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.QuicRole;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code floe receive CODE}: takes what the sender with that code has, or the rest of it. */
@Command(name = "receive", description = "Receive the file or folder of the one who has told you the code.")
final class ReceiveCommand implements Callable<Integer> {

    private static final String STDOUT = "-";

    @Parameters(
            paramLabel = "CODE",
            arity = "1..*",
            description = "What the sender prints, such as 42-cedar-ruler-planet; spaces and capitals do no harm.")
    private List<String> code;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to put it, - for standard output (default: here). Nothing there is overwritten.")
    private String out = "";

    @Mixin
    private CommonOptions common;

    @Mixin
    private PeerOptions options;

    private TransferScreen screen;

    public static void main(String[] args) {
        Floe.run(new ReceiveCommand(), args);
    }

    @Override
    public Integer call() {
        screen = new TransferScreen(out.equals(STDOUT) ? System.err : System.out);
        return StopSignal.obeyedBy(stop -> common.run(common.report(screen), report -> receive(report, stop)));
    }

    private Event.Result receive(Report report, StopSignal stop) throws Exception {
        if (out.equals(STDOUT) && common.isJson()) {
            throw new IllegalArgumentException("--json and --out - both want standard output");
        }
        TransferCode known = TransferCode.parse(String.join(" ", code));
        options.observe(report);
        PeerIdentity identity = options.loadIdentity();
        String again = "floe receive " + known + (out.isEmpty() ? "" : " --out " + SendCommand.quoted(out))
                + options.signalOption();
        TransferRun run = new TransferRun(false, common.isJson(), screen, again);
        try (Incoming incoming = incoming(run);
                EventLoops loops = new EventLoops(1);
                TransferRoom room = new TransferRoom(QuicRole.CLIENT, options, loops.group(), identity, report)) {
            room.enter(known, stop);
            FileReceiver receiver = new FileReceiver(incoming, run);
            return run.run(room, options.timeout().minus(Report.elapsed()), options.timeout(), receiver::receive);
        }
    }

    private Incoming incoming(TransferRun run) {
        // System.out would keep a full disk to itself.
        return out.equals(STDOUT)
                ? new IncomingStream(new FileOutputStream(FileDescriptor.out))
                : new IncomingFiles(Path.of(out), run::note);
    }
}
