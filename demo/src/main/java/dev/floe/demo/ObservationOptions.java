package dev.floe.demo;

import dev.floe.demo.report.Report;
import dev.floe.demo.web.PageServer;
import dev.floe.demo.web.ReportFile;
import dev.floe.quic.PeerConfig;
import dev.floe.quic.capture.CaptureTap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options with which one looks on at a connection; none of them changes it. */
final class ObservationOptions {

    @Option(
            names = "--web",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "0",
            converter = Port.class,
            description = "Show what happens as a page for browsers on this machine, at this port (default: any).")
    private Integer webPort;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description = "Write the same page, with all that has happened in it, to a file at the end.")
    private Path reportFile;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "Capture every datagram, and what decrypts it, for Wireshark (pcapng; holds secrets).")
    private Path pcap;

    @Option(
            names = "--keylog",
            paramLabel = "FILE",
            description = "Add the TLS secrets to a key log, as SSLKEYLOGFILE does.")
    private Path keyLog;

    @Option(names = "--qlog", paramLabel = "DIR", description = "Write QUIC's own log into a folder (qlog).")
    private Path qlog;

    @Option(names = "--observations", hidden = true, description = "Print with --json what a page shows besides.")
    private boolean isPrintingObservations;

    private final Recording recording = new Recording();
    private boolean isServing;

    /**
     * Has the report told to those whom the options name; to be called before there is anything to tell.
     *
     * @throws IOException if the port is taken, or the file cannot be written
     */
    void observe(Report report) throws IOException {
        record(report);
        if (isPrintingObservations) {
            report.printObservations();
        }
        show(report);
    }

    /** The same, but for the recordings: those are made by the processes of the peers, see {@link #forProcess}. */
    void show(Report report) throws IOException {
        if (reportFile != null) {
            report.observe(ReportFile.create(reportFile));
        }
        if (webPort != null) {
            PageServer server = PageServer.start(webPort);
            report.observe(server);
            report.event(server.listening());
            isServing = true;
        }
    }

    /** Has a connection recorded as the options ask; {@code name} tells it from others of the process. */
    PeerConfig.Builder recorded(PeerConfig.Builder config, String name) {
        return recording.of(config, name);
    }

    /** The capture of one connection, if one is asked for. */
    Optional<CaptureTap> tap(String name) {
        return recording.tap(name);
    }

    /** What has a peer's own process record it likewise, into a capture with {@code name} in its file's name. */
    List<String> forProcess(String name) {
        List<String> options = new ArrayList<>();
        if (pcap != null) {
            String file = pcap.getFileName().toString().replaceFirst("(\\.[^.]*)?$", "-" + name + "$1");
            options.addAll(List.of("--pcap", pcap.resolveSibling(file).toString()));
        }
        if (keyLog != null) {
            options.addAll(List.of("--keylog", keyLog.toString()));
        }
        if (qlog != null) {
            options.addAll(List.of("--qlog", qlog.toString()));
        }
        return options;
    }

    /** Goes on serving the page until the process is to stop; returns at once if there is none. */
    void linger(StopSignal stop) {
        if (isServing) {
            stop.await();
        }
    }

    private void record(Report report) throws IOException {
        report.atEnd(recording::end);
        if (pcap != null) {
            recording.pcap(pcap);
        }
        if (keyLog != null) {
            recording.keyLog(keyLog);
        }
        if (qlog != null) {
            recording.qlog(qlog);
        }
    }
}
