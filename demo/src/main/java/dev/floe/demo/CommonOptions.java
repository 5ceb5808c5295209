package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.Report;
import dev.floe.demo.report.TransferScreen;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command speaks, and how it ends. */
final class CommonOptions {

    @Option(names = "--json", description = "Print one JSON object a line, for programs.")
    private boolean isJson;

    @Option(names = "--verbose", description = "Log to stderr, and show the stack trace of a failure.")
    private boolean isVerbose;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = "--help", usageHelp = true, description = "Show this help.")
    private boolean isHelp;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** What a command does with a report to tell of it. */
    @FunctionalInterface
    interface Work {
        Event.End run(Report report) throws Exception;
    }

    /** Whether programs read what it says. */
    boolean isJson() {
        return isJson;
    }

    /** What people read of a transfer. */
    Report report(TransferScreen screen) {
        if (isVerbose) {
            screen.showDetails();
        }
        return Report.to(screen);
    }

    /**
     * Runs a command's work to its result, which is told as the last event; the exit code is 0, or 1, or 2 if those who
     * run it are to run it otherwise.
     *
     * @throws ParameterException for an argument that the work refuses
     */
    int run(Work work) {
        return run(Report.text(isVerbose), work);
    }

    /** The same with another report for people. */
    int run(Report forPeople, Work work) {
        return run(forPeople, work, () -> {});
    }

    /** The same, and {@code afterwards} once the result has been told, while whoever looks on can still do so. */
    int run(Report forPeople, Work work, Runnable afterwards) {
        try (Report report = isJson ? Report.json() : forPeople) {
            Event.End result = result(report, work);
            report.event(result);
            afterwards.run();
            if (!result.ok()) {
                System.err.println("floe: " + result.message());
            }
            return result.ok() ? 0 : Failure.isUsage(result.error()) ? Floe.USAGE : 1;
        }
    }

    private Event.End result(Report report, Work work) {
        try {
            return work.run(report);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        } catch (Exception e) {
            Throwable cause = unwrapped(e);
            if (isVerbose) {
                cause.printStackTrace();
            }
            return Event.Result.failure(Failure.of(cause));
        }
    }

    private static Throwable unwrapped(Throwable cause) {
        boolean isWrapper = cause instanceof ExecutionException || cause instanceof CompletionException;
        return isWrapper && cause.getCause() != null ? cause.getCause() : cause;
    }
}
