package dev.floe.signaling.room;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One who is in a room: what it has said for who comes later, and its inbox, which holds what was said to it until it
 * is known to have it. Messages to a member are numbered from 1 without gaps. Guarded as its {@link Room} is.
 */
public final class RoomMember {

    private final String token;
    private final int peersAtJoin;
    private final List<String> said = new ArrayList<>();
    private final Deque<String> inbox = new ArrayDeque<>();
    private String connection;
    private long absentSince;
    private long received;
    private long acknowledged;
    private int saidCharacters;
    private int inboxCharacters;

    RoomMember(String token, int peersAtJoin, String connection) {
        this.token = token;
        this.peersAtJoin = peersAtJoin;
        this.connection = connection;
    }

    /** As it was saved. */
    RoomMember(
            String token,
            int peersAtJoin,
            Presence presence,
            long received,
            long acknowledged,
            Collection<String> said,
            Collection<String> inbox) {
        this(token, peersAtJoin, presence.connection());
        absentSince = presence.absentSince();
        this.received = received;
        this.acknowledged = acknowledged;
        said.forEach(this::keep);
        inbox.forEach(this::hear);
    }

    /**
     * Whether it has a connection.
     *
     * @param connection null if it has none
     * @param absentSince when it has lost it, if it has none
     */
    record Presence(String connection, long absentSince) {}

    /** What it comes back with after it has lost its connection. */
    public String token() {
        return token;
    }

    /** How many others it found in the room. */
    public int peersAtJoin() {
        return peersAtJoin;
    }

    /** The connection that serves it; empty while it has none. */
    public Optional<String> connection() {
        return Optional.ofNullable(connection);
    }

    /** How many messages it has said, all in all. */
    public long received() {
        return received;
    }

    /** The number of the last message that it is known to have. */
    public long acknowledged() {
        return acknowledged;
    }

    /** Gives what is in the inbox beyond a number, in order, with its numbers. */
    public void forEachAfter(long sequence, BiConsumer<Long, String> action) {
        long next = acknowledged;
        if (sequence < acknowledged + inbox.size()) {
            for (String message : inbox) {
                next++;
                if (next > sequence) {
                    action.accept(next, message);
                }
            }
        }
    }

    Presence presence() {
        return new Presence(connection, absentSince);
    }

    void attach(String newConnection) {
        connection = newConnection;
    }

    void detach(long now) {
        connection = null;
        absentSince = now;
    }

    boolean isAbsent() {
        return connection == null;
    }

    long absentSince() {
        return absentSince;
    }

    List<String> said() {
        return said;
    }

    Collection<String> inbox() {
        return inbox;
    }

    void countReceived() {
        received++;
    }

    void keep(String message) {
        said.add(message);
        saidCharacters += message.length();
    }

    void forgetSaid() {
        said.clear();
        saidCharacters = 0;
    }

    /** Keeps no more than that: the first, which is a description, and the latest. */
    void forgetBeyond(RoomLimits limits) {
        while (said.size() > 1
                && (said.size() > limits.maxKeptMessages() || saidCharacters > limits.maxKeptCharacters())) {
            saidCharacters -= said.remove(1).length();
        }
    }

    void hear(String message) {
        inbox.add(message);
        inboxCharacters += message.length();
    }

    boolean hasUnreadMoreThan(int messages, int characters) {
        return inbox.size() > messages || inboxCharacters > characters;
    }

    /** False if it cannot have heard just that much. */
    boolean acknowledge(long sequence) {
        if (sequence < acknowledged || sequence > acknowledged + inbox.size()) {
            return false;
        }
        while (acknowledged < sequence) {
            inboxCharacters -= inbox.remove().length();
            acknowledged++;
        }
        return true;
    }
}
