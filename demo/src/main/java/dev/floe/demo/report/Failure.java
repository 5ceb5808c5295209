package dev.floe.demo.report;

import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceException;
import dev.floe.quic.MethodMismatchException;
import dev.floe.quic.PeerRefusedException;
import dev.floe.signaling.SignalingException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/**
 * Why a command failed.
 *
 * @param error a word for programs
 * @param message one line for people
 */
public record Failure(String error, String message) {

    /** Nobody wants it any more. */
    public static final Failure STOPPED = new Failure("io", "stopped before the other side was there");

    private static final String USAGE = "usage";

    /** The failure that a cause amounts to. */
    public static Failure of(Throwable cause) {
        return cause instanceof CancellationException ? STOPPED : new Failure(error(cause), message(cause));
    }

    /** The command was to be run otherwise. */
    public static Failure usage(String message) {
        return new Failure(USAGE, message);
    }

    /** Whether an error, which may be null, is that of {@link #usage}. */
    public static boolean isUsage(String error) {
        return USAGE.equals(error);
    }

    private static String error(Throwable cause) {
        if (cause instanceof MethodMismatchException) {
            return USAGE;
        } else if (cause instanceof CertificateException) {
            return "fingerprint-mismatch";
        } else if (cause instanceof PeerRefusedException refused) {
            return refused.isCertificateRefused() ? "fingerprint-mismatch" : "peer-closed";
        } else if (cause instanceof IceException ice) {
            return ice.reason()
                            .filter(reason -> reason == Reason.CONSENT_EXPIRED)
                            .isPresent()
                    ? "consent-expired"
                    : "no-path";
        } else if (cause instanceof TimeoutException) {
            return "timeout";
        } else if (cause instanceof SignalingException signaling) {
            return switch (signaling.code()) {
                case SignalingException.ROOM_FULL -> "room-full";
                case SignalingException.WRONG_CODE -> "wrong-code";
                case SignalingException.FINGERPRINT_MISMATCH -> "fingerprint-mismatch";
                case SignalingException.IO -> "io";
                default -> "signaling-lost";
            };
        } else if (cause instanceof IOException) {
            return "io";
        }
        return "internal";
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
