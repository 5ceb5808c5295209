package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.Report;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code floe} command: one sub-command each for what a peer and its helpers do. */
@Command(
        name = "floe",
        description = "Peer-to-peer QUIC: two programs behind NATs, one UDP port each.",
        subcommands = {
            DemoCommand.class,
            ServerCommand.class,
            OfferCommand.class,
            AnswerCommand.class,
            SendCommand.class,
            ReceiveCommand.class,
            DoctorCommand.class
        },
        mixinStandardHelpOptions = true,
        version = "floe 0.1.0",
        synopsisSubcommandLabel = "COMMAND")
public final class Floe {

    /** The exit code of who was to run a command otherwise. */
    static final int USAGE = 2;

    private Floe() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        run(new Floe(), args);
    }

    /** Runs a command as the whole of this process: bad usage ends it with 2, failure with 1. */
    static void run(Object command, String... args) {
        Report.startClock();
        boolean isVerbose = Arrays.asList(args).contains("--verbose");
        if (isVerbose) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
        }
        CommandLine line = new CommandLine(command)
                .setParameterExceptionHandler((wrong, given) -> usage(wrong, given))
                .setExecutionExceptionHandler((cause, failed, parsed) -> {
                    throw cause;
                });
        System.exit(line.execute(args));
    }

    private static int usage(CommandLine.ParameterException wrong, String[] args) {
        String message =
                wrong.getMessage().lines().findFirst().orElse("wrong usage").replaceFirst("^Error: ", "");
        if (Arrays.asList(args).contains("--json")) {
            try (Report report = Report.json()) {
                report.event(Event.Result.failure(Failure.usage(message)));
            }
        }
        System.err.println("floe: " + message + " (try: "
                + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help)");
        return USAGE;
    }
}
