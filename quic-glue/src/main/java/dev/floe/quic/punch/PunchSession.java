package dev.floe.quic.punch;

import dev.floe.stun.OctetString;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * libp2p's DCUtR without I/O, for one side of one connection.
 *
 * <ol>
 *   <li>{@link #begin} when the other side is there, then {@link #receive} each word of its, and tell of
 *       {@link #heardElsewhere}.
 *   <li>After each of them, {@link #poll} until it gives null, and do what it says.
 *   <li>Call {@link #advance} when {@link #deadlineNanos} has come, and poll again.
 *   <li>{@link #end} when a connection stands. Nothing that the other side says makes it throw.
 * </ol>
 *
 * In an attempt the one that says CONNECT first, DCUtR's B, is dialled and its answerer, A, dials. Offerer and answerer
 * take turns in being B, and each word is said to be of an attempt, by one byte before it. A side dials only upon the SYNC
 * of an attempt in which the other one is dialled, so that both cannot dial at once.
 */
public final class PunchSession {

    /** How many attempts there are; in the second the roles are swapped. */
    public static final int ATTEMPTS = 3;

    /** Longer than a word takes to the other side and back by any signaling. */
    static final long WORD_NANOS = Duration.ofSeconds(5).toNanos();

    /** Two of QUIC's probe timeouts, before a round trip is known, and what a handshake takes. */
    static final long DIAL_NANOS = Duration.ofSeconds(4).toNanos();

    /** For a dial that has reason to doubt its addresses. */
    static final long DOUBTFUL_DIAL_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long GRACE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int MAX_WORDS = 32;

    private enum State {
        NEW,
        AWAITING_CONNECT,
        AWAITING_SYNC,
        DIALLING,
        AWAITING_REPLY,
        PROBING,
        ENDED
    }

    private final boolean isOfferer;
    private final List<InetSocketAddress> observed;
    private final RandomGenerator random;
    private final Queue<PunchOutput> outputs = new ArrayDeque<>();

    private State state = State.NEW;
    private int attempt;
    private long sinceNanos;
    private long endNanos = Long.MAX_VALUE;
    private List<InetSocketAddress> theirs = List.of();
    private Probes probes;
    private int words;
    private int ignored;
    private int skipped;
    private boolean isRefused;

    /** @param observed where this side can be reached as far as it knows; of too many the first are told */
    public PunchSession(boolean isOfferer, List<InetSocketAddress> observed, RandomGenerator random) {
        this.isOfferer = isOfferer;
        this.observed = observed.stream().limit(HolePunch.MAX_ADDRESSES).toList();
        this.random = random;
    }

    /** The other side is there, and hears. */
    public void begin(long nowNanos) {
        enterNextAttempt(nowNanos);
    }

    /** The other side has said something. */
    public void receive(byte[] message, long nowNanos) {
        Optional<HolePunch> word = ++words > MAX_WORDS || message.length == 0
                ? Optional.empty()
                : HolePunch.parse(ByteBuffer.wrap(message, 1, message.length - 1));
        if (state == State.NEW || state == State.ENDED || word.isEmpty() || !hear(message[0], word.get(), nowNanos)) {
            ignored++;
        }
    }

    /**
     * Something has come from a host that is dialled, and from another port than is dialled: its NAT seems to be one that
     * has a port for each destination, so that dialling it is in vain.
     */
    public void heardElsewhere() {
        if (state == State.DIALLING) {
            endNanos = Math.min(endNanos, sinceNanos + DOUBTFUL_DIAL_NANOS);
        }
    }

    /**
     * Somebody at one of the other side's addresses is not who it should be. Whoever is has a moment left, and there is no
     * further attempt.
     */
    public void refused(long nowNanos) {
        isRefused = true;
        if (state == State.DIALLING || state == State.PROBING) {
            endNanos = Math.min(endNanos, nowNanos + GRACE_NANOS);
        }
    }

    /** What is due is done. */
    public void advance(long nowNanos) {
        if (state == State.ENDED) {
            return;
        }
        if (state == State.PROBING) {
            probes.advance(nowNanos, outputs);
        }
        if (nowNanos >= endNanos) {
            enterNextAttempt(nowNanos);
        }
    }

    /** When {@link #advance} has something to do; {@link Long#MAX_VALUE} for never. */
    public long deadlineNanos() {
        return state == State.PROBING ? Math.min(endNanos, probes.nextNanos()) : endNanos;
    }

    /** What to do next, or null. */
    public PunchOutput poll() {
        return outputs.poll();
    }

    /** Nothing more is to be done. */
    public void end() {
        enter(State.ENDED, 0, Long.MAX_VALUE);
        outputs.clear();
    }

    /** How many words were of no use: malformed, too late, too early, or too many. */
    public int ignored() {
        return ignored;
    }

    /** How many addresses of the other side's were of no use. */
    public int skipped() {
        return skipped;
    }

    private boolean hear(int number, HolePunch word, long nowNanos) {
        boolean isConnect = word.type() == HolePunch.Type.CONNECT;
        if (number > attempt && number <= ATTEMPTS && isConnect && !isDialled(number) && !isRefused) {
            // The other side has given the attempt up before this one.
            attempt = number - 1;
            enterNextAttempt(nowNanos);
        }
        if (number != attempt) {
            return false;
        }
        if (isConnect && state == State.AWAITING_CONNECT) {
            learn(word, 0);
            say(HolePunch.Type.CONNECT, observed);
            enter(State.AWAITING_SYNC, nowNanos, WORD_NANOS);
        } else if (isConnect && state == State.AWAITING_REPLY) {
            long roundTripNanos = nowNanos - sinceNanos;
            learn(word, roundTripNanos);
            say(HolePunch.Type.SYNC, List.of());
            outputs.add(new PunchOutput.Serve(theirs));
            probes = new Probes(theirs, random, nowNanos + roundTripNanos / 2);
            boolean isLast = attempt == ATTEMPTS;
            enter(State.PROBING, nowNanos, DIAL_NANOS + roundTripNanos + (isLast ? GRACE_NANOS : WORD_NANOS));
        } else if (!isConnect && state == State.AWAITING_SYNC) {
            outputs.add(new PunchOutput.Dial(theirs));
            enter(State.DIALLING, nowNanos, DIAL_NANOS);
        } else {
            return false;
        }
        return true;
    }

    private void learn(HolePunch word, long roundTripNanos) {
        theirs = word.addresses();
        skipped += word.skipped();
        outputs.add(new PunchOutput.Learn(attempt, theirs, Duration.ofNanos(roundTripNanos)));
    }

    private void enterNextAttempt(long nowNanos) {
        if (attempt == ATTEMPTS || isRefused) {
            enter(State.ENDED, nowNanos, Long.MAX_VALUE);
            outputs.add(new PunchOutput.Fail());
            return;
        }
        attempt++;
        outputs.add(new PunchOutput.Attempt(attempt, !isDialled(attempt)));
        if (isDialled(attempt)) {
            say(HolePunch.Type.CONNECT, observed);
            enter(State.AWAITING_REPLY, nowNanos, WORD_NANOS);
        } else {
            enter(State.AWAITING_CONNECT, nowNanos, WORD_NANOS);
        }
    }

    private void enter(State next, long nowNanos, long forNanos) {
        state = next;
        sinceNanos = nowNanos;
        endNanos = forNanos == Long.MAX_VALUE ? forNanos : nowNanos + forNanos;
    }

    private void say(HolePunch.Type type, List<InetSocketAddress> addresses) {
        byte[] word = HolePunch.of(type, addresses).toBytes();
        byte[] message = new byte[1 + word.length];
        message[0] = (byte) attempt;
        System.arraycopy(word, 0, message, 1, word.length);
        outputs.add(new PunchOutput.Say(OctetString.of(message)));
    }

    private boolean isDialled(int number) {
        return isOfferer == (number % 2 == 1);
    }
}
