package dev.floe.stun;

/**
 * A STUN method (RFC 8489, section 18.2). The registry is open: methods that have no constant here are as good as those
 * that have.
 *
 * @param value 12 bits
 */
public record StunMethod(int value) {
    public static final StunMethod BINDING = new StunMethod(0x001);

    public StunMethod {
        if (value < 0 || value > 0xFFF) {
            throw new IllegalArgumentException("STUN method " + value + " is not in 0..4095");
        }
    }

    /** The constant for {@code value}, or a new method where there is none. */
    public static StunMethod of(int value) {
        return value == BINDING.value ? BINDING : new StunMethod(value);
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
        return value == BINDING.value ? "BINDING" : String.format("METHOD-0x%03X", value);
    }
}
