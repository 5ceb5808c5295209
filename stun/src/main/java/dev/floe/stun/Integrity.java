package dev.floe.stun;

/** The two ways to sign a message (RFC 8489, sections 14.5 and 14.6). */
enum Integrity {
    SHA1("SHA-1", 20, StunAttributeType.MESSAGE_INTEGRITY.code()),
    SHA256("SHA-256", 32, StunAttributeType.MESSAGE_INTEGRITY_SHA256.code());

    final String digest;
    final int length;
    final int type;

    Integrity(String digest, int length, int type) {
        this.digest = digest;
        this.length = length;
        this.type = type;
    }
}
