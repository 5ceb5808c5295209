package dev.floe.stun;

import dev.floe.stun.StunAttribute.MessageIntegrity;
import dev.floe.stun.StunAttribute.MessageIntegritySha256;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.transaction.LongTermCredential.Verdict;

/** The client's side of the short-term credential mechanism (RFC 8489, section 9.1). */
final class ShortTermCredential implements StunCredential.Mechanism {
    private final Username username;
    private final StunKey key;
    private boolean isSha1Possible = true;
    private boolean isSha256Possible = true;

    ShortTermCredential(String username, String password) {
        this.username = new Username(username);
        this.key = StunKey.shortTerm(password);
    }

    /** With both integrities until the server has chosen one (sections 9.1.2 and 9.1.5). */
    @Override
    public StunMessage.Builder sign(StunMessage.Builder request) {
        request.add(username);
        if (isSha1Possible) {
            request.sign(key);
        }
        return isSha256Possible ? request.signSha256(key) : request;
    }

    /** Section 9.1.4. */
    @Override
    public Verdict judge(StunMessage request, StunMessage response) {
        boolean isSha1 = response.has(MessageIntegrity.class);
        boolean isSha256 = response.has(MessageIntegritySha256.class);
        boolean isAsAsked = (!isSha1 || request.has(MessageIntegrity.class))
                && (!isSha256 || request.has(MessageIntegritySha256.class));
        if (!isAsAsked || !response.isSignedBy(key)) {
            return Verdict.DISCARD;
        }
        isSha1Possible = isSha1;
        isSha256Possible = isSha256;
        return Verdict.ACCEPT;
    }
}
