package dev.floe.signaling.pake;

import dev.floe.signaling.PakeRole;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;

/** A password as one side of a room uses it. */
public final class PakeSecret {

    private final PakeRole role;
    private final char[] password;

    /**
     * @param room goes into the secret, so that nothing said in one room is of use in another
     * @throws IllegalArgumentException for an empty password
     */
    public PakeSecret(PakeRole role, String password, String room) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("an empty password, expected one that is hard to guess");
        }
        this.role = Objects.requireNonNull(role, "role");
        this.password = HexFormat.of()
                .formatHex(Sha256.hash(
                        "floe pake password".getBytes(StandardCharsets.UTF_8),
                        room.getBytes(StandardCharsets.UTF_8),
                        password.getBytes(StandardCharsets.UTF_8)))
                .toCharArray();
    }

    public PakeRole role() {
        return role;
    }

    char[] password() {
        return password.clone();
    }
}
