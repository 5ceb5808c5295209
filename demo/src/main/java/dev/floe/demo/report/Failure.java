package dev.floe.demo.report;

import dev.floe.ice.IceEvent.SessionFailed.Reason;
import dev.floe.ice.IceException;
import dev.floe.quic.PeerRefusedException;
import dev.floe.signaling.SignalingException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeoutException;

/**
 * Why a command failed.
 *
 * @param error a word for programs
 * @param message one line for people
 */
public record Failure(String error, String message) {

    /** The failure that a cause amounts to. */
    public static Failure of(Throwable cause) {
        return new Failure(error(cause), message(cause));
    }

    private static String error(Throwable cause) {
        if (cause instanceof CertificateException) {
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
