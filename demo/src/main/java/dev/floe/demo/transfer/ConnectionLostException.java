package dev.floe.demo.transfer;

import java.io.IOException;
import java.io.Serial;

/** The connection has ended before the transfer; over another one it can go on. */
public final class ConnectionLostException extends IOException {

    @Serial
    private static final long serialVersionUID = 1;

    ConnectionLostException() {
        super("the connection has been lost");
    }
}
