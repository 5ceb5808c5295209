package dev.floe.quic.punch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.OctetString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two sides of one connection in virtual time, between which words take 30 ms unless they are lost. */
class PunchSessionTest {

    private static final long ONE_WAY = TimeUnit.MILLISECONDS.toNanos(30);
    private static final List<InetSocketAddress> OFFERERS = List.of(new InetSocketAddress("192.0.2.1", 1111));
    private static final List<InetSocketAddress> ANSWERERS =
            List.of(new InetSocketAddress("198.51.100.2", 2222), new InetSocketAddress("10.0.0.2", 2222));

    private final long seed = System.nanoTime();
    private final Side offerer = new Side(true, OFFERERS);
    private final Side answerer = new Side(false, ANSWERERS);
    private final List<Word> onTheirWay = new ArrayList<>();
    private long now;
    private boolean isSyncLost;
    private boolean isDead;

    private record Word(long at, Side to, OctetString message) {}

    private record Done(long at, PunchOutput what) {}

    private final class Side {
        final PunchSession session;
        final List<Done> done = new ArrayList<>();

        Side(boolean isOfferer, List<InetSocketAddress> observed) {
            session = new PunchSession(isOfferer, observed, new Random(seed));
        }

        void drain() {
            for (PunchOutput output = session.poll(); output != null; output = session.poll()) {
                done.add(new Done(now, output));
                if (output instanceof PunchOutput.Say say && !isDead && !(isSyncLost && isSync(say.message()))) {
                    onTheirWay.add(new Word(now + ONE_WAY, this == offerer ? answerer : offerer, say.message()));
                }
            }
        }

        void hear(String hex) {
            session.receive(HexFormat.of().parseHex(hex.replace(" ", "")), now);
            drain();
        }

        <O extends PunchOutput> List<O> all(Class<O> kind) {
            return done.stream()
                    .map(Done::what)
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .toList();
        }

        long when(Class<? extends PunchOutput> kind) {
            return done.stream()
                    .filter(one -> kind.isInstance(one.what()))
                    .findFirst()
                    .orElseThrow()
                    .at();
        }
    }

    @Test
    void answererDialsOnSyncAndOffererProbesHalfARoundTripAfterIt() {
        begin();
        runUntil(TimeUnit.MILLISECONDS.toNanos(500));

        assertThat(offerer.all(PunchOutput.Learn.class))
                .containsExactly(new PunchOutput.Learn(1, ANSWERERS, Duration.ofNanos(2 * ONE_WAY)));
        assertThat(answerer.all(PunchOutput.Dial.class)).containsExactly(new PunchOutput.Dial(OFFERERS));
        assertThat(offerer.all(PunchOutput.Serve.class)).containsExactly(new PunchOutput.Serve(ANSWERERS));
        assertThat(offerer.when(PunchOutput.Serve.class)).isEqualTo(2 * ONE_WAY);
        assertThat(offerer.when(PunchOutput.Probe.class)).isEqualTo(3 * ONE_WAY);
        assertThat(answerer.when(PunchOutput.Dial.class)).isEqualTo(3 * ONE_WAY);
        assertThat(offerer.all(PunchOutput.Dial.class)).isEmpty();
        assertThat(answerer.all(PunchOutput.Probe.class)).isEmpty();
    }

    @Test
    void probesGoToEachAddressAtRandomIntervalsAndAreNobodysProtocol() {
        begin();
        runUntil(Duration.ofSeconds(4).toNanos());

        for (InetSocketAddress address : ANSWERERS) {
            List<Long> times = offerer.done.stream()
                    .filter(one -> one.what() instanceof PunchOutput.Probe probe
                            && probe.destination().equals(address))
                    .map(Done::at)
                    .toList();
            assertThat(times).hasSizeGreaterThan(15).hasSizeLessThanOrEqualTo(Probes.MAX_EACH);
            List<Long> intervals = IntStream.range(1, times.size())
                    .mapToObj(i -> times.get(i) - times.get(i - 1))
                    .toList();
            assertThat(intervals)
                    .allMatch(interval -> interval >= Duration.ofMillis(10).toNanos()
                            && interval <= Duration.ofMillis(201).toNanos());
            assertThat(intervals).doesNotHaveDuplicates();
        }
        assertThat(offerer.all(PunchOutput.Probe.class))
                .allSatisfy(
                        probe -> assertThat(probe.content().toByteArray()[0]).isBetween((byte) 4, (byte) 15))
                .extracting(probe -> probe.content())
                .doesNotHaveDuplicates();
    }

    @Test
    void rolesAreSwappedInTheSecondAttemptAndThirdIsTheLast() {
        begin();
        runUntil(Duration.ofSeconds(30).toNanos());

        assertThat(offerer.all(PunchOutput.Attempt.class))
                .extracting(PunchOutput.Attempt::isDialling)
                .containsExactly(false, true, false);
        assertThat(answerer.all(PunchOutput.Attempt.class))
                .extracting(PunchOutput.Attempt::isDialling)
                .containsExactly(true, false, true);
        assertThat(offerer.all(PunchOutput.Dial.class)).hasSize(1);
        assertThat(answerer.all(PunchOutput.Dial.class)).hasSize(2);
        for (Side side : List.of(offerer, answerer)) {
            assertThat(side.all(PunchOutput.Fail.class)).hasSize(1);
            assertThat(side.when(PunchOutput.Fail.class))
                    .isLessThan(Duration.ofSeconds(15).toNanos());
            assertThat(side.session.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
            assertThat(side.session.ignored()).isZero();
        }
        assertNeverBothDial();
    }

    @Test
    void attemptWhoseSyncIsLostIsFollowedByTheNext() {
        isSyncLost = true;
        begin();
        runUntil(Duration.ofSeconds(1).toNanos());
        assertThat(answerer.all(PunchOutput.Dial.class)).isEmpty();
        isSyncLost = false;
        runUntil(Duration.ofSeconds(6).toNanos());

        assertThat(offerer.all(PunchOutput.Dial.class)).containsExactly(new PunchOutput.Dial(ANSWERERS));
        assertThat(answerer.all(PunchOutput.Probe.class)).isNotEmpty();
    }

    @Test
    void signalingThatDiesInTheMiddleEndsInFailureOnBothSides() {
        begin();
        runUntil(ONE_WAY + 1);
        isDead = true;
        onTheirWay.clear();
        runUntil(Duration.ofSeconds(30).toNanos());

        assertThat(offerer.all(PunchOutput.Fail.class)).hasSize(1);
        assertThat(answerer.all(PunchOutput.Fail.class)).hasSize(1);
        assertThat(Stream.of(offerer, answerer).flatMap(side -> side.all(PunchOutput.Dial.class).stream()))
                .isEmpty();
    }

    @Test
    void whoeverLearnsThatItsAddressIsOfNoUseEndsTheDialSooner() {
        begin();
        runUntil(4 * ONE_WAY);
        answerer.session.heardElsewhere();
        runUntil(Duration.ofMillis(1500).toNanos());

        assertThat(answerer.all(PunchOutput.Attempt.class)).hasSize(2);
        assertThat(offerer.all(PunchOutput.Dial.class)).containsExactly(new PunchOutput.Dial(ANSWERERS));
    }

    @Test
    void refusedCertificateLeavesTheRightOneAMomentAndIsTheLastAttempt() {
        begin();
        runUntil(4 * ONE_WAY);
        answerer.session.refused(now);
        runUntil(4 * ONE_WAY + Duration.ofMillis(900).toNanos());
        assertThat(answerer.all(PunchOutput.Fail.class)).isEmpty();
        runUntil(4 * ONE_WAY + Duration.ofMillis(1100).toNanos());
        assertThat(answerer.all(PunchOutput.Fail.class)).hasSize(1);
        assertThat(answerer.all(PunchOutput.Attempt.class)).hasSize(1);
    }

    @Test
    void wordsThatComeTooEarlyTooLateOrTwiceChangeNothing() {
        answerer.hear("01 03 08 ac02");
        begin();
        // SYNC before CONNECT; CONNECT of the attempt after the next, and of one whose turn is the hearer's
        answerer.hear("01 03 08 ac02");
        answerer.hear("02 02 08 64");
        answerer.hear("04 02 08 64");
        answerer.hear("00 02 08 64");
        answerer.hear("ff 02 08 64");
        assertThat(answerer.all(PunchOutput.Say.class)).isEmpty();
        assertThat(answerer.session.ignored()).isEqualTo(6);
        runUntil(4 * ONE_WAY);
        List<Done> offerers = List.copyOf(offerer.done);
        List<Done> answerers = List.copyOf(answerer.done);
        // both words again, to both
        for (Side side : List.of(offerer, answerer)) {
            side.hear("01 02 08 64");
            side.hear("01 03 08 ac02");
        }
        assertThat(offerer.done).isEqualTo(offerers);
        assertThat(answerer.done).isEqualTo(answerers);
    }

    @Test
    void neitherNonsenseNorAFloodOfItIsMoreThanCounted() {
        begin();
        runUntil(ONE_WAY - 1);
        for (String nonsense : List.of("", "01", "01 00", "01 02 08 65", "01 ff 08 64", "01 04 08 64")) {
            answerer.hear(nonsense);
        }
        assertThat(answerer.session.ignored()).isEqualTo(6);
        for (int i = 0; i < 1000; i++) {
            answerer.hear("01 02 08 65");
        }
        assertThat(answerer.session.ignored()).isEqualTo(1006);
        runUntil(Duration.ofMillis(200).toNanos());
        assertThat(answerer.all(PunchOutput.Say.class))
                .as("what comes after too many words")
                .isEmpty();
    }

    @Test
    void hostilePeersAddressesGetAFewSmallDatagramsEach() {
        begin();
        StringBuilder victims = new StringBuilder("08 64");
        for (int i = 0; i < 300; i++) {
            victims.append("12 0b 04 cb0071%02x 9102 0035 cd03".formatted(i % 250 + 1));
        }
        offerer.hear("01 be1e" + victims);
        now = ONE_WAY;
        onTheirWay.clear();
        isDead = true;
        runUntil(Duration.ofSeconds(60).toNanos());

        List<PunchOutput.Probe> probes = offerer.all(PunchOutput.Probe.class);
        assertThat(probes.stream().map(PunchOutput.Probe::destination).distinct())
                .hasSize(HolePunch.MAX_ADDRESSES);
        assertThat(probes).hasSizeLessThanOrEqualTo(HolePunch.MAX_ADDRESSES * Probes.MAX_EACH);
        assertThat(probes).allMatch(probe -> probe.content().length() == Probes.LENGTH);
        assertThat(offerer.session.skipped()).isEqualTo(300 - HolePunch.MAX_ADDRESSES);
    }

    @Test
    void whateverIsLostBothNeverDialAtOnce() {
        Random random = new Random(seed);
        System.out.println("PunchSessionTest seed " + seed);
        for (int run = 0; run < 200; run++) {
            PunchSessionTest other = new PunchSessionTest();
            other.begin();
            for (int i = 0; i < 200 && !other.isOver(); i++) {
                other.isDead = random.nextInt(4) == 0;
                other.runUntil(other.now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
            }
            other.isDead = true;
            other.runUntil(other.now + Duration.ofSeconds(60).toNanos());
            assertThat(other.isOver()).isTrue();
            other.assertNeverBothDial();
        }
    }

    private boolean isOver() {
        return Stream.of(offerer, answerer)
                .allMatch(side -> !side.all(PunchOutput.Fail.class).isEmpty());
    }

    /** A dial is over when its side's next attempt begins, or it fails. */
    private void assertNeverBothDial() {
        for (Done dial : dials(offerer)) {
            for (Done other : dials(answerer)) {
                assertThat(dial.at() >= end(answerer, other) || other.at() >= end(offerer, dial))
                        .as("%s and %s", dial, other)
                        .isTrue();
            }
        }
    }

    private static List<Done> dials(Side side) {
        return side.done.stream()
                .filter(done -> done.what() instanceof PunchOutput.Dial)
                .toList();
    }

    private static long end(Side side, Done dial) {
        return side.done.stream()
                .filter(done -> done.at() >= dial.at())
                .filter(done -> done.what() instanceof PunchOutput.Fail || done.what() instanceof PunchOutput.Attempt)
                .findFirst()
                .map(Done::at)
                .orElse(Long.MAX_VALUE);
    }

    private void begin() {
        for (Side side : List.of(offerer, answerer)) {
            side.session.begin(now);
            side.drain();
        }
    }

    private void runUntil(long end) {
        while (true) {
            long next = Math.min(offerer.session.deadlineNanos(), answerer.session.deadlineNanos());
            for (Word word : onTheirWay) {
                next = Math.min(next, word.at());
            }
            if (next > end) {
                now = end;
                return;
            }
            now = Math.max(now, next);
            List<Word> due =
                    onTheirWay.stream().filter(word -> word.at() <= now).toList();
            onTheirWay.removeAll(due);
            for (Word word : due) {
                word.to().session.receive(word.message().toByteArray(), now);
                word.to().drain();
            }
            for (Side side : List.of(offerer, answerer)) {
                side.session.advance(now);
                side.drain();
            }
        }
    }

    private static boolean isSync(OctetString message) {
        return message.length() == 5;
    }
}
