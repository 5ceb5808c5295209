package dev.floe.signaling.room;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalingException;
import dev.floe.signaling.wire.SignalJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A room's state and all its rules, without a network and without a clock. Every method is one step from one state to
 * the next, and harmless when it is repeated: a store may lose the answer to a step and take it again. Guarded by its
 * {@link RoomStore}. Times are in milliseconds since the epoch.
 */
public final class Room {

    private static final String PEER_JOINED = SignalJson.write(new SignalMessage.PeerJoined());
    private static final String PEER_LEFT = SignalJson.write(new SignalMessage.PeerLeft());

    private final RoomLimits limits;
    private final Map<String, RoomMember> members = new LinkedHashMap<>();
    private String secret = "";
    private long aloneSince;
    private long changes;

    public Room(RoomLimits limits) {
        this.limits = limits;
    }

    /** As it was saved. */
    Room(RoomLimits limits, String secret, long aloneSince, Collection<RoomMember> members) {
        this(limits);
        this.secret = secret;
        this.aloneSince = aloneSince;
        members.forEach(member -> this.members.put(member.token(), member));
    }

    /**
     * Lets a newcomer in, who finds what the others have said. The first one's secret becomes the room's. In a full
     * room it takes the place of a member that has lost its connection, if there is one.
     *
     * @param given the secret, or something made from it; empty for none
     * @throws SignalingException with code {@code room-full} or {@code wrong-secret}
     */
    public void join(String token, String connection, String given, long now) throws SignalingException {
        if (members.containsKey(token)) {
            return;
        }
        if (members.isEmpty()) {
            secret = given;
            aloneSince = now;
        } else if (!MessageDigest.isEqual(bytes(secret), bytes(given))) {
            throw new SignalingException(SignalingException.WRONG_SECRET, "the room has another secret");
        }
        makePlace(now);
        RoomMember newcomer = new RoomMember(token, members.size(), connection);
        members.values().forEach(other -> other.said().forEach(newcomer::hear));
        tellOthers(newcomer, PEER_JOINED);
        members.put(token, newcomer);
        settle(now);
    }

    /**
     * Gives a member a new connection.
     *
     * @param sequence the number of the last message that it has heard
     * @throws SignalingException with code {@code session-lost} if there is no such member any more
     */
    public void resume(String token, long sequence, String connection, long now) throws SignalingException {
        RoomMember member = members.get(token);
        if (member == null || !member.acknowledge(sequence)) {
            throw new SignalingException(SignalingException.SESSION_LOST, "nothing to resume; join anew");
        }
        member.attach(connection);
        settle(now);
    }

    /**
     * Tells the others what a member says; one who is no member is not heard. Of what it has said since its last
     * description, the latest is kept for who comes later, but for what is between two that are there.
     *
     * @param number counts the member's messages from 1; one that has been said already is ignored
     * @throws SignalingException with code {@code unavailable} if the number leaves some out: the room has forgotten them,
     *     and the member says them again when it has come back
     */
    public void say(String token, long number, SignalMessage message, String json, long now) throws SignalingException {
        RoomMember member = members.get(token);
        if (member == null || number <= member.received()) {
            return;
        }
        if (number > member.received() + 1) {
            throw new SignalingException(SignalingException.UNAVAILABLE, "some messages have been lost; come back");
        }
        if (message instanceof Description || message instanceof Bye) {
            member.forgetSaid();
        }
        if (!(message instanceof Bye || message instanceof HolePunch)) {
            member.keep(json);
            member.forgetBeyond(limits);
        }
        member.countReceived();
        tellOthers(member, json);
        settle(now);
    }

    /** A member is known to have all messages up to a number. */
    public void acknowledge(String token, long sequence) {
        RoomMember member = members.get(token);
        if (member != null && member.acknowledge(sequence)) {
            changes++;
        }
    }

    /** A member has lost this connection, unless it has another one by now. */
    public void detach(String token, String connection, long now) {
        RoomMember member = members.get(token);
        if (member != null && connection.equals(member.connection().orElse(null))) {
            member.detach(now);
            changes++;
        }
    }

    /** A member leaves for good, unless it has another connection by now. */
    public void leave(String token, String connection, long now) {
        RoomMember member = members.get(token);
        if (member != null && connection.equals(member.connection().orElse(null))) {
            remove(member, now);
            settle(now);
        }
    }

    /** Whether {@link #expire} would change something. */
    public boolean isDue(long now, Predicate<String> isConnectionAlive) {
        return members.values().stream().anyMatch(member -> isDead(member, isConnectionAlive) || isOverdue(member, now))
                || isTiredOfWaiting(now);
    }

    /** What time does: connections that have died are noticed, absent members leave, one who waits too long as well. */
    public void expire(long now, Predicate<String> isConnectionAlive) {
        for (RoomMember member : members.values().toArray(RoomMember[]::new)) {
            if (isDead(member, isConnectionAlive)) {
                member.detach(now);
                changes++;
            } else if (isOverdue(member, now)) {
                remove(member, now);
                settle(now);
            }
        }
        if (isTiredOfWaiting(now)) {
            remove(members.values().iterator().next(), now);
            settle(now);
        }
    }

    public Optional<RoomMember> member(String token) {
        return Optional.ofNullable(members.get(token));
    }

    /** Whether a member has so much unread that it is time to ask what it has heard. */
    public boolean isFilling(RoomMember member) {
        return member.hasUnreadMoreThan(limits.maxUnreadMessages() / 4, limits.maxUnreadCharacters() / 4);
    }

    public Collection<RoomMember> members() {
        return members.values();
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** Differs after every step that has changed something. */
    public long changes() {
        return changes;
    }

    String secret() {
        return secret;
    }

    long aloneSince() {
        return aloneSince;
    }

    private static boolean isDead(RoomMember member, Predicate<String> isConnectionAlive) {
        return member.connection().isPresent()
                && !isConnectionAlive.test(member.connection().get());
    }

    private boolean isOverdue(RoomMember member, long now) {
        return member.isAbsent()
                && now - member.absentSince() >= limits.graceTime().toMillis();
    }

    private boolean isTiredOfWaiting(long now) {
        return members.size() == 1 && now - aloneSince >= limits.keepTime().toMillis();
    }

    private void makePlace(long now) throws SignalingException {
        if (members.size() < limits.capacity()) {
            return;
        }
        RoomMember absent = members.values().stream()
                .filter(RoomMember::isAbsent)
                .findFirst()
                .orElseThrow(() -> new SignalingException(
                        SignalingException.ROOM_FULL,
                        (limits.capacity() == 2 ? "two" : limits.capacity()) + " peers are in the room already"));
        remove(absent, now);
    }

    private void remove(RoomMember member, long now) {
        members.remove(member.token());
        aloneSince = now;
        tellOthers(member, PEER_LEFT);
    }

    private void tellOthers(RoomMember speaker, String json) {
        for (RoomMember member : members.values()) {
            if (member != speaker) {
                member.hear(json);
            }
        }
    }

    /** Ends a step that has changed something: who does not read what it is told loses its place. */
    private void settle(long now) {
        changes++;
        for (RoomMember member : members.values().toArray(RoomMember[]::new)) {
            if (member.hasUnreadMoreThan(limits.maxUnreadMessages(), limits.maxUnreadCharacters())) {
                remove(member, now);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
