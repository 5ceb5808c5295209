package dev.floe.stun.turn;

import dev.floe.stun.transaction.LongTermCredential;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * A TURN server and the credentials for it.
 *
 * @param address may be unresolved; with TLS its host name is what the certificate must name
 * @param username of the long-term credentials (RFC 8489, section 9.2)
 */
public record TurnServer(InetSocketAddress address, TurnTransport transport, String username, String password) {

    /**
     * A server at this address.
     *
     * @param address may be unresolved; with TLS its host name is what the certificate must name
     * @param transport what carries STUN to it
     * @param username of the long-term credentials (RFC 8489, section 9.2)
     * @param password of the long-term credentials
     * @throws IllegalArgumentException if no key can be made from the credentials
     */
    public TurnServer {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(transport, "transport");
        credential(username, password);
    }

    LongTermCredential credential() {
        return credential(username, password);
    }

    private static LongTermCredential credential(String username, String password) {
        return new LongTermCredential(username, password);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return transport + " " + username + "@" + address.getHostString() + ":" + address.getPort();
    }
}
