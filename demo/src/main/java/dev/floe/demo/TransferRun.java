package dev.floe.demo;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Failure;
import dev.floe.demo.report.PeerReport;
import dev.floe.demo.report.TransferScreen;
import dev.floe.demo.transfer.ConnectionLostException;
import dev.floe.demo.transfer.FrameStream;
import dev.floe.demo.transfer.TransferException;
import dev.floe.demo.transfer.TransferListener;
import dev.floe.demo.transfer.Transferred;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One transfer from the room to its result, over as many connections as it takes; and what people and programs hear of it. */
final class TransferRun implements TransferListener {

    // The other side reads this side's last word, and closes.
    private static final int FAREWELL_SECONDS = 3;

    private static final String FINGERPRINT_MISMATCH = "fingerprint-mismatch";

    // What another try does not change; a code that somebody has guessed at is spent.
    private static final Set<String> FINAL = Set.of("usage", "wrong-code", FINGERPRINT_MISMATCH);

    private final boolean isSending;
    private final boolean isJson;
    private final TransferScreen screen;
    private final String howToResume;
    private volatile PeerReport peer;
    private volatile boolean isResumable;

    /** @param howToResume the command that goes on where this one has ended */
    TransferRun(boolean isSending, boolean isJson, TransferScreen screen, String howToResume) {
        this.isSending = isSending;
        this.isJson = isJson;
        this.screen = screen;
        this.howToResume = howToResume;
    }

    /** A side's part of the transfer over one stream. */
    @FunctionalInterface
    interface Protocol {
        void over(FrameStream stream) throws IOException, InterruptedException;
    }

    /**
     * Runs it.
     *
     * @param first how long to wait for the other side
     * @param again how long to wait for it to come back
     */
    Event.Result run(TransferRoom room, Duration first, Duration again, Protocol protocol)
            throws IOException, InterruptedException {
        Duration patience = first;
        while (true) {
            TransferRoom.Link link;
            try {
                link = room.connect(patience);
            } catch (TransferRoom.FailedException e) {
                return resumable(e.result());
            }
            peer = link.report();
            try {
                protocol.over(link.stream());
                return succeeded(link);
            } catch (ConnectionLostException e) {
                link.close("lost");
                Optional<Event.Result> refused = refused(link);
                if (refused.isPresent()) {
                    return refused.get();
                }
                tell("the other side has gone; waiting " + again.toSeconds() + " s for it to come back");
                patience = again;
            } catch (TransferException e) {
                return failed(link, e);
            }
        }
    }

    @Override
    public void began(String name, int files, long total) {
        isResumable = total >= 0;
        if (!isJson) {
            screen.began(isSending ? "sending" : "receiving", name, files, total);
        }
    }

    @Override
    public void received(int count) {
        peer.received(count);
    }

    @Override
    public void progress(long bytes, long total) {
        peer.transferring(bytes, total < 0 ? null : total);
    }

    @Override
    public void done(Transferred what) {
        peer.transferred(what.bytes(), what.sha256());
        screen.transferred(isSending ? "sent " + what.name() : "received " + what.where());
    }

    @Override
    public void note(String line) {
        tell(line);
    }

    private Event.Result succeeded(TransferRoom.Link link) throws InterruptedException {
        if (isSending) {
            link.close("done");
        }
        boolean hasEnded = link.session().ended().await(FAREWELL_SECONDS, TimeUnit.SECONDS);
        link.close("done");
        return hasEnded && link.session().ended().getNow().ok()
                ? link.session().ended().getNow()
                : peer.result();
    }

    private Event.Result failed(TransferRoom.Link link, TransferException why) throws InterruptedException {
        link.stream().tell(why);
        if (why.isOwn()) {
            link.session().ended().await(FAREWELL_SECONDS, TimeUnit.SECONDS);
        }
        link.close("failed");
        link.session().ended().await(1, TimeUnit.SECONDS);
        return resumable(peer.result().with(new Failure(why.error(), why.getMessage())));
    }

    /** A client knows itself connected before the server has judged its certificate. */
    private static Optional<Event.Result> refused(TransferRoom.Link link) throws InterruptedException {
        return link.session().ended().await(1, TimeUnit.SECONDS)
                ? Optional.of(link.session().ended().getNow())
                        .filter(ended -> FINGERPRINT_MISMATCH.equals(ended.error()))
                : Optional.empty();
    }

    private Event.Result resumable(Event.Result failed) {
        boolean isWorthIt = isResumable && !FINAL.contains(failed.error());
        return isWorthIt
                ? failed.with(new Failure(failed.error(), failed.message() + "; to go on: " + howToResume))
                : failed;
    }

    private void tell(String line) {
        screen.note(line, isJson);
    }
}
