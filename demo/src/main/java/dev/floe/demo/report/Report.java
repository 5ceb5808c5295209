package dev.floe.demo.report;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What a command tells, on a thread of its own: neither a terminal that does not scroll nor a first use of Jackson may
 * hold up an event loop. Safe for several threads.
 */
public final class Report implements AutoCloseable {

    private final Output printed;
    private final List<Output> observers = new CopyOnWriteArrayList<>();
    private volatile boolean arePrintedToo;
    private final List<Runnable> endings = new CopyOnWriteArrayList<>();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(Report::newThread);

    private Report(Output printed) {
        this.printed = printed;
    }

    /** To be called first thing in {@code main}: times count from here. */
    public static void startClock() {
        Moment.start();
    }

    /** How long it is since {@link #startClock}. */
    public static Duration elapsed() {
        return Duration.ofMillis((long) Moment.now().millis());
    }

    /** One JSON object a line, to stdout. */
    public static Report json() {
        return new Report(new JsonOutput(System.out));
    }

    /**
     * One line an event, for people.
     *
     * @param isVerbose whether to show each candidate too
     */
    public static Report text(boolean isVerbose) {
        return new Report(new TextOutput(System.out, isVerbose));
    }

    /** The demo's story, for people, told at its end. */
    public static Report story(Scene scene) {
        return new Report(new DemoOutput(System.out, scene));
    }

    /** The doctor's findings, for people. */
    public static Report diagnosis() {
        return new Report(new DoctorOutput(System.out));
    }

    /** To somebody who has to be told in another way. */
    public static Report to(Output output) {
        return new Report(output);
    }

    /**
     * Has all that is told from now on told to {@code observer} too, and beside it the {@linkplain Event.Observation
     * observations}, which are never printed. It is closed with this report.
     */
    public void observe(Output observer) {
        observers.add(observer);
    }

    /** Has this done when the report is closed, after all that is told. */
    public void atEnd(Runnable ending) {
        endings.add(ending);
    }

    /** Has observations printed like all else, for a program that shows them. */
    public void printObservations() {
        arePrintedToo = true;
    }

    /** Whether anybody wants observations. */
    boolean isObserved() {
        return arePrintedToo || !observers.isEmpty();
    }

    /** An event of the process, not of one of its peers. */
    public void event(Event event) {
        event(event, null, Moment.now());
    }

    /** What is told of one peer; {@code name} is null where the process has only one. */
    public PeerReport of(String name) {
        return new PeerReport(this, name);
    }

    void event(Event event, String peer, Moment moment) {
        writer.execute(() -> {
            if (arePrintedToo || !(event instanceof Event.Observation)) {
                printed.write(event, peer, moment);
            }
            observers.forEach(observer -> observer.write(event, peer, moment));
        });
    }

    /** Returns once everything is written, after five seconds at most, and its observers are closed. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            writer.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        observers.forEach(Output::close);
        endings.forEach(Runnable::run);
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "report");
        thread.setDaemon(true);
        return thread;
    }
}
