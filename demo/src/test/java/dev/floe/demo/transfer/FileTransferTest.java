package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.floe.demo.transfer.Frame.Data;
import dev.floe.demo.transfer.Frame.End;
import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Kind;
import dev.floe.demo.transfer.Frame.Offer;
import dev.floe.demo.transfer.Frame.Start;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides of a transfer in this process, over a stream that breaks when it is told to. */
@Timeout(30)
class FileTransferTest {

    private static final long NEVER = Long.MAX_VALUE;
    private static final int SIZE = 3_000_000;
    private static final int MANIFEST = 1_000;

    @TempDir
    private Path folder;

    private Path out;
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private final List<Transferred> done = Collections.synchronizedList(new ArrayList<>());
    private final List<Incoming> opened = new ArrayList<>();
    private final List<Long> progress = Collections.synchronizedList(new ArrayList<>());

    private final TransferListener listener = new TransferListener() {
        @Override
        public void began(String name, int files, long total) {}

        @Override
        public void progress(long bytes, long total) {
            progress.add(bytes);
        }

        @Override
        public void done(Transferred what) {
            done.add(what);
        }

        @Override
        public void note(String line) {
            notes.add(line);
        }
    };

    @BeforeEach
    void nameOut() {
        out = folder.resolve("out");
    }

    @Test
    void fileArrivesUnderItsNameAndNothingElseIsLeft() throws Exception {
        Path file = file("photo.jpg", SIZE);
        Transferred received = transfer(sender(file), receiver(), NEVER);
        assertThat(out.resolve("photo.jpg")).hasSameBinaryContentAs(file);
        assertThat(received.sha256()).isEqualTo(sha256(Files.readAllBytes(file)));
        assertThat(received.bytes()).isEqualTo(SIZE);
        assertThat(names(out)).containsExactly("photo.jpg");
        assertThat(progress).contains((long) SIZE);
    }

    @Test
    void existingFileIsNeverOverwritten() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("a.txt"), "mine");
        Files.writeString(out.resolve("a (1).txt"), "mine too");
        Path file = Files.writeString(folder.resolve("a.txt"), "yours");
        assertThat(transfer(sender(file), receiver(), NEVER).where()).endsWith("a (2).txt");
        assertThat(out.resolve("a.txt")).hasContent("mine");
        assertThat(out.resolve("a (1).txt")).hasContent("mine too");
        assertThat(out.resolve("a (2).txt")).hasContent("yours");
    }

    @Test
    void folderArrivesWithAllThatIsInItButLinks() throws Exception {
        Path sent = folder.resolve("project");
        Files.createDirectories(sent.resolve("empty/emptier"));
        Files.createDirectories(sent.resolve("src-x"));
        Files.createDirectories(sent.resolve("src"));
        Files.writeString(sent.resolve("src/a b.txt"), "spaced");
        Files.write(FileNames.in(sent, "grüße"), new byte[0]);
        Files.writeString(sent.resolve("src-x/run.sh"), "echo").toFile().setExecutable(true);
        Files.createSymbolicLink(sent.resolve("link"), Path.of("/etc"));
        Transferred received = transfer(sender(sent), receiver(), NEVER);
        Path there = out.resolve("project");
        assertThat(tree(there))
                .isEqualTo(
                        tree(sent).stream().filter(name -> !name.equals("link")).toList());
        assertThat(Files.isExecutable(there.resolve("src-x/run.sh"))).isTrue();
        assertThat(Files.isExecutable(there.resolve("src/a b.txt"))).isFalse();
        assertThat(notes).singleElement().asString().contains("link");
        assertThat(received.sha256()).isEqualTo(sumOfSums(there));
        assertThat(transfer(sender(sent), receiver(), NEVER).where()).endsWith("project (1)");
    }

    @Test
    void emptyFileAndEmptyFolderArrive() throws Exception {
        transfer(sender(Files.createFile(folder.resolve("nothing"))), receiver(), NEVER);
        transfer(sender(Files.createDirectory(folder.resolve("hollow"))), receiver(), NEVER);
        assertThat(out.resolve("nothing")).isEmptyFile();
        assertThat(out.resolve("hollow")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasReceivedIsNotSentAgain(boolean isRestarted) throws Exception {
        Path file = file("film.mkv", SIZE);
        FileSender sender = sender(file);
        FileReceiver receiver = receiver();
        assertThatThrownBy(() -> transfer(sender, receiver, SIZE * 7L / 10))
                .isInstanceOf(ConnectionLostException.class);
        long there = Files.size(partial("film.mkv"));
        assertThat(there).isGreaterThan(SIZE / 2);
        if (isRestarted) {
            closeAll();
        }
        long sent = send(isRestarted ? sender(file) : sender, isRestarted ? receiver() : receiver);
        assertThat(sent).isBetween(SIZE - there, SIZE - there + MANIFEST);
        assertThat(out.resolve("film.mkv")).hasSameBinaryContentAs(file);
        assertThat(names(out)).containsExactly("film.mkv");
    }

    @Test
    void folderGoesOnInTheMiddleOfItsFiles() throws Exception {
        Path sent = Files.createDirectory(folder.resolve("many"));
        for (int i = 0; i < 30; i++) {
            Files.write(sent.resolve("file" + i), bytes(100_000));
        }
        assertThatThrownBy(() -> transfer(sender(sent), receiver(), SIZE / 2))
                .isInstanceOf(ConnectionLostException.class);
        closeAll();
        assertThat(send(sender(sent), receiver())).isLessThan(SIZE * 2L / 3);
        assertThat(tree(out.resolve("many"))).isEqualTo(tree(sent));
        for (String name : names(sent)) {
            assertThat(out.resolve("many").resolve(name)).hasSameBinaryContentAs(sent.resolve(name));
        }
    }

    @Test
    void partOfAnotherFileOfThatNameIsSentAnew() throws Exception {
        Path file = file("log", SIZE);
        assertThatThrownBy(() -> transfer(sender(file), receiver(), SIZE / 2))
                .isInstanceOf(ConnectionLostException.class);
        closeAll();
        Files.write(file, bytes(SIZE));
        assertThat(send(sender(file), receiver())).isGreaterThan(SIZE);
        assertThat(out.resolve("log")).hasSameBinaryContentAs(file);
    }

    @Test
    void twoReceiversDoNotShareOnePartialFile() throws Exception {
        Path file = file("one", SIZE);
        assertThatThrownBy(() -> transfer(sender(file), receiver(), SIZE / 2))
                .isInstanceOf(ConnectionLostException.class);
        assertThatThrownBy(() -> transfer(sender(file), receiver(), NEVER))
                .hasMessageContaining("another receiver there");
    }

    @Test
    void streamGoesFromStandardInputToStandardOutput() throws Exception {
        byte[] content = bytes(SIZE);
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        Transferred received = transfer(
                new FileSender(new OutgoingStream("stdin", new ByteArrayInputStream(content)), listener),
                new FileReceiver(new IncomingStream(stdout), listener),
                NEVER);
        assertThat(stdout.toByteArray()).isEqualTo(content);
        assertThat(received.sha256()).isEqualTo(sha256(content));
    }

    @Test
    void standardInputCannotGoOnAndSaysSo() {
        byte[] content = bytes(SIZE);
        assertThatThrownBy(() -> transfer(
                        new FileSender(new OutgoingStream("stdin", new ByteArrayInputStream(content)), listener),
                        receiver(),
                        SIZE / 2))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining("standard input");
    }

    @Test
    void standardOutputGoesOnWhereItWas() throws Exception {
        Path file = file("data", SIZE);
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        FileReceiver receiver = new FileReceiver(new IncomingStream(stdout), listener);
        assertThatThrownBy(() -> transfer(sender(file), receiver, SIZE / 2))
                .isInstanceOf(ConnectionLostException.class);
        assertThat(send(sender(file), receiver)).isLessThan(SIZE * 3L / 4);
        assertThat(stdout.toByteArray()).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void standardOutputThatTakesNothingMoreIsSaidSo() throws Exception {
        Path file = file("data", SIZE);
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThatThrownBy(() -> transfer(sender(file), new FileReceiver(new IncomingStream(full), listener), NEVER))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.error()).isEqualTo("io"))
                .hasMessageContaining("no space left");
    }

    @Test
    void whatCannotBeWrittenIsToldToBothSidesWithoutThePath() throws Exception {
        Path file = file("big", SIZE);
        Path blocked = Files.createFile(folder.resolve("not-a-folder"));
        FileReceiver receiver = new FileReceiver(new IncomingFiles(blocked, notes::add), listener);
        assertThatThrownBy(() -> transfer(sender(file), receiver, NEVER))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.error()).isEqualTo("io"))
                .hasMessageContaining("the other side has failed: cannot write there")
                .hasMessageNotContaining("not-a-folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../evil", "..", "a/../../evil", "a\\..\\b", "a/b", ""})
    void nothingLeavesTheFolderWhateverASenderSays(String name) throws Exception {
        hostile(
                new Offer(Kind.FILE, name, 1),
                new Entry(name, false, false, 4),
                new Start(0, 0),
                new Data(Unpooled.copiedBuffer("evil", UTF_8)),
                new End(sum("evil")));
        assertThat(names(folder)).containsExactly("out");
        assertThat(names(out))
                .hasSize(1)
                .allSatisfy(made -> assertThat(out.resolve(made)).hasContent("evil"));
    }

    @Test
    void nothingLeavesTheFolderByWayOfItsOwnFolders() throws Exception {
        hostile(
                new Offer(Kind.FOLDER, "..", 4),
                new Entry("", true, false, 0),
                new Entry("..", true, false, 0),
                new Entry("../..", true, false, 0),
                new Entry("../../evil", false, false, 0),
                new Start(3, 0),
                new End(sum("")));
        assertThat(names(folder)).containsExactly("out");
        assertThat(tree(out)).containsExactlyInAnyOrder("_", "_/_", "_/_ (1)", "_/_ (1)/_", "_/_ (1)/_/evil");
    }

    @Test
    void senderThatDoesNotKeepToTheProtocolIsRefused() {
        Entry entry = new Entry("a", false, false, 4);
        Data tooMuch = new Data(Unpooled.copiedBuffer("12345", UTF_8));
        List<List<Frame>> all = List.of(
                List.of(new Frame.Ready()),
                List.of(new Offer(Kind.FILE, "a", 2), entry, entry),
                List.of(new Offer(Kind.FILE, "a", Integer.MAX_VALUE)),
                List.of(new Offer(Kind.FOLDER, "a", 2), new Entry("b", true, false, 0), entry),
                List.of(new Offer(Kind.FOLDER, "a", 1), new Entry("x/a", false, false, 4)),
                List.of(new Offer(Kind.FILE, "a", 1), entry, new Start(1, 0)),
                List.of(new Offer(Kind.FILE, "a", 1), entry, new Start(0, 2)),
                List.of(new Offer(Kind.FILE, "a", 1), entry, new Start(0, 0), new End(sum(""))),
                List.of(new Offer(Kind.FILE, "a", 1), entry, new Start(0, 0), tooMuch));
        for (List<Frame> frames : all) {
            assertThatThrownBy(() -> hostile(frames.toArray(Frame[]::new)))
                    .as("%s", frames)
                    .isInstanceOf(TransferException.class);
        }
    }

    @Test
    void fileThatArrivesDamagedIsNotKept() throws Exception {
        assertThatThrownBy(() -> hostile(
                        new Offer(Kind.FILE, "a", 1),
                        new Entry("a", false, false, 4),
                        new Start(0, 0),
                        new Data(Unpooled.copiedBuffer("evil", UTF_8)),
                        new End(sum("good"))))
                .hasMessageContaining("SHA-256");
        assertThat(out).isEmptyDirectory();
    }

    private FileSender sender(Path path) throws IOException {
        return new FileSender(OutgoingFiles.of(path, notes::add), listener);
    }

    private FileReceiver receiver() {
        Incoming incoming = new IncomingFiles(out, notes::add);
        opened.add(incoming);
        return new FileReceiver(incoming, listener);
    }

    @AfterEach
    void closeAll() throws IOException {
        for (Incoming incoming : opened) {
            incoming.close();
        }
        opened.clear();
    }

    /** Returns what the receiver has; throws what either side throws, the sender first. */
    private Transferred transfer(FileSender sender, FileReceiver receiver, long breaksAfter) throws Exception {
        try (FramePair pair = new FramePair(breaksAfter)) {
            return transfer(sender, receiver, pair);
        }
    }

    /** Returns how many bytes it took. */
    private long send(FileSender sender, FileReceiver receiver) throws Exception {
        try (FramePair pair = new FramePair(NEVER)) {
            transfer(sender, receiver, pair);
            return pair.sent();
        }
    }

    private Transferred transfer(FileSender sender, FileReceiver receiver, FramePair pair) throws Exception {
        done.clear();
        CompletableFuture<Void> received = receiving(receiver, pair.receiver());
        IOException failure = null;
        try {
            sender.send(pair.sender());
        } catch (IOException e) {
            failure = e;
        }
        try {
            received.join();
        } catch (CompletionException e) {
            throw failure == null ? (Exception) e.getCause() : failure;
        }
        assertThat(done)
                .hasSize(2)
                .extracting(Transferred::sha256)
                .containsOnly(done.get(0).sha256());
        return done.get(0);
    }

    private void hostile(Frame... frames) throws Exception {
        try (FramePair pair = new FramePair(NEVER)) {
            CompletableFuture<Void> received = receiving(receiver(), pair.receiver());
            for (Frame frame : frames) {
                pair.sender().write(frame);
            }
            pair.sender().flush();
            received.join();
        } catch (CompletionException e) {
            throw (Exception) e.getCause();
        } finally {
            closeAll();
            Arrays.stream(frames).forEach(FileTransferTest::releaseRest);
        }
    }

    private static void releaseRest(Frame frame) {
        if (frame instanceof Data data && data.content().refCnt() > 0) {
            data.content().release();
        }
    }

    private static CompletableFuture<Void> receiving(FileReceiver receiver, FrameStream stream) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        receiver.receive(stream);
                    } catch (TransferException e) {
                        stream.tell(e);
                        throw new CompletionException(e);
                    } catch (IOException | InterruptedException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "receiver").start());
    }

    private Path partial(String name) throws IOException {
        try (Stream<Path> all = Files.list(out)) {
            return all.filter(path -> path.getFileName().toString().startsWith(".floe-"))
                    .findFirst()
                    .orElseThrow()
                    .resolve("files")
                    .resolve(name);
        }
    }

    private Path file(String name, int size) throws IOException {
        return Files.write(folder.resolve(name), bytes(size));
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random().nextBytes(bytes);
        return bytes;
    }

    private static List<String> names(Path in) throws IOException {
        try (Stream<Path> all = Files.list(in)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static List<String> tree(Path in) throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(path -> !path.equals(in))
                    .map(path -> in.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    /** What {@code find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum} says. */
    private static String sumOfSums(Path in) throws Exception {
        Process process = new ProcessBuilder(
                        "bash", "-c", "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum")
                .directory(in.toFile())
                .start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).substring(0, 64);
    }

    private static Sha256 sum(String of) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(of.getBytes(UTF_8));
        return Sha256.of(digest);
    }

    private static String sha256(byte[] content) {
        return HexFormat.of().formatHex(Sha256.newDigest().digest(content));
    }
}
