package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.JsonOutput;
import dev.floe.demo.report.Output;
import dev.floe.demo.report.TextOutput;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Option;

/** How a command speaks, and how it ends. */
final class CommonOptions {

    @Option(names = "--json", description = "Print one JSON object a line, for programs.")
    private boolean isJson;

    @Option(names = "--verbose", description = "Log to stderr, and show the stack trace of a failure.")
    private boolean isVerbose;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = "--help", usageHelp = true, description = "Show this help.")
    private boolean isHelp;

    Output output() {
        return isJson ? new JsonOutput(System.out) : new TextOutput(System.out, isVerbose);
    }

    boolean isJson() {
        return isJson;
    }

    /** Runs a command's work to its result, which is told as the last event; the exit code is 0 or 1. */
    int end(Output output, Callable<Event.Result> work) {
        Event.Result result;
        try {
            result = work.call();
        } catch (Exception e) {
            Throwable cause = unwrapped(e);
            result = Event.Result.failure(Failure.of(cause));
            if (isVerbose) {
                cause.printStackTrace();
            }
        }
        output.event(result);
        if (!result.ok()) {
            System.err.println("floe: " + result.message());
        }
        return result.ok() ? 0 : 1;
    }

    private static Throwable unwrapped(Throwable cause) {
        boolean isWrapper = cause instanceof ExecutionException || cause instanceof CompletionException;
        return isWrapper && cause.getCause() != null ? cause.getCause() : cause;
    }
}
