package dev.floe.stun;

import dev.floe.stun.transaction.LongTermCredential;
import dev.floe.stun.transaction.LongTermCredential.Verdict;

/**
 * What a client proves itself with to one server (RFC 8489, section 9), and what that server has asked for so far: the
 * same one for later requests to it saves their first refusal. Belongs to one channel at a time.
 */
public final class StunCredential {
    /** How requests are signed and responses judged. */
    interface Mechanism {
        StunMessage.Builder sign(StunMessage.Builder request);

        Verdict judge(StunMessage request, StunMessage response);
    }

    final Mechanism mechanism;

    private StunCredential(Mechanism mechanism) {
        this.mechanism = mechanism;
    }

    /** None: nothing is signed, and every response is believed. */
    static StunCredential none() {
        return new StunCredential(new Mechanism() {
            @Override
            public StunMessage.Builder sign(StunMessage.Builder request) {
                return request;
            }

            @Override
            public Verdict judge(StunMessage request, StunMessage response) {
                return Verdict.ACCEPT;
            }
        });
    }

    /**
     * For a time, agreed on elsewhere (RFC 8489, section 9.1).
     *
     * @param username at most 508 bytes of UTF-8
     * @param password agreed on with the name
     * @return the credential
     * @throws IllegalArgumentException if either is empty, has control characters or is too long
     */
    public static StunCredential shortTerm(String username, String password) {
        return new StunCredential(new ShortTermCredential(username, password));
    }

    /**
     * A user's name and password, for the realm that the server names (RFC 8489, section 9.2).
     *
     * @param username at most 508 bytes of UTF-8
     * @param password of that user
     * @return the credential, for any realm
     * @throws IllegalArgumentException if either is empty, has control characters or is too long
     */
    public static StunCredential longTerm(String username, String password) {
        LongTermCredential credential = new LongTermCredential(username, password);
        return new StunCredential(new Mechanism() {
            @Override
            public StunMessage.Builder sign(StunMessage.Builder request) {
                return credential.sign(request);
            }

            @Override
            public Verdict judge(StunMessage request, StunMessage response) {
                return credential.judge(request, response);
            }
        });
    }
}
