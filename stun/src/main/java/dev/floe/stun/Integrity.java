package dev.floe.stun;

/** The two ways to sign a message (RFC 8489, sections 14.5 and 14.6). */
enum Integrity {
    SHA1("HmacSHA1", 20, StunAttributeType.MESSAGE_INTEGRITY.code()),
    SHA256("HmacSHA256", 32, StunAttributeType.MESSAGE_INTEGRITY_SHA256.code());

    final String algorithm;
    final int length;
    final int type;

    Integrity(String algorithm, int length, int type) {
        this.algorithm = algorithm;
        this.length = length;
        this.type = type;
    }
}
