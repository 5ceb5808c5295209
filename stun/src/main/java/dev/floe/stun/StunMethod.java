package dev.floe.stun;

import java.util.stream.Stream;

/**
 * A STUN method (RFC 8489, section 18.2, and RFC 8656, section 17). The registry is open: methods that have no constant
 * here are as good as those that have.
 *
 * @param value 12 bits
 */
public record StunMethod(int value) {
    /** Asks where it came from; also ICE's checks (RFC 8489, section 3). */
    public static final StunMethod BINDING = new StunMethod(0x001);
    /** Asks a TURN server for a relayed address (RFC 8656, section 7). */
    public static final StunMethod ALLOCATE = new StunMethod(0x003);
    /** Keeps an allocation, or gives it back (RFC 8656, section 8). */
    public static final StunMethod REFRESH = new StunMethod(0x004);
    /** The client's data on its way to a peer, as an indication (RFC 8656, section 11). */
    public static final StunMethod SEND = new StunMethod(0x006);
    /** A peer's data on its way to the client, as an indication (RFC 8656, section 11). */
    public static final StunMethod DATA = new StunMethod(0x007);
    /** Lets a peer's data through to the client (RFC 8656, section 10). */
    public static final StunMethod CREATE_PERMISSION = new StunMethod(0x008);
    /** Binds a channel, whose data has a header of four bytes (RFC 8656, section 12). */
    public static final StunMethod CHANNEL_BIND = new StunMethod(0x009);

    private static final StunMethod[] KNOWN = new StunMethod[16];

    static {
        Stream.of(BINDING, ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND)
                .forEach(known -> KNOWN[known.value] = known);
    }

    /**
     * A method of any value.
     *
     * @param value 12 bits
     * @throws IllegalArgumentException for a value that has more bits
     */
    public StunMethod {
        if (value < 0 || value > 0xFFF) {
            throw new IllegalArgumentException("STUN method " + value + " is not in 0..4095");
        }
    }

    /**
     * {@return the constant for {@code value}, or a new method where there is none}
     *
     * @param value 12 bits
     */
    public static StunMethod of(int value) {
        return value >= 0 && value < KNOWN.length && KNOWN[value] != null ? KNOWN[value] : new StunMethod(value);
    }

    static StunMethod ofMessageType(int type) {
        return of(((type & 0x3E00) >> 2) | ((type & 0x00E0) >> 1) | (type & 0x000F));
    }

    /** What the method sets in a message's type: its bits with the class's two between them. */
    int bits() {
        return ((value & 0xF80) << 2) | ((value & 0x070) << 1) | (value & 0x00F);
    }

    @Override
    public String toString() {
        return switch (value) {
            case 0x001 -> "BINDING";
            case 0x003 -> "ALLOCATE";
            case 0x004 -> "REFRESH";
            case 0x006 -> "SEND";
            case 0x007 -> "DATA";
            case 0x008 -> "CREATE-PERMISSION";
            case 0x009 -> "CHANNEL-BIND";
            default -> String.format("METHOD-0x%03X", value);
        };
    }
}
