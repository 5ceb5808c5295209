package dev.floe.stun;

/** The four classes of a STUN message (RFC 8489, section 5). */
public enum StunClass {
    /** Is answered. */
    REQUEST(0x0000),
    /** Is not answered. */
    INDICATION(0x0010),
    /** The answer that grants what was asked for. */
    SUCCESS(0x0100),
    /** The answer that says why not, with an ERROR-CODE. */
    ERROR(0x0110);

    /** What the class sets in a message's type. */
    final int bits;

    StunClass(int bits) {
        this.bits = bits;
    }

    static StunClass ofMessageType(int type) {
        return switch (type & 0x0110) {
            case 0x0000 -> REQUEST;
            case 0x0010 -> INDICATION;
            case 0x0100 -> SUCCESS;
            default -> ERROR;
        };
    }
}
