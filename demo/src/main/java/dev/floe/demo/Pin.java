package dev.floe.demo;

import dev.floe.quic.PeerTrust;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A certificate's SHA-256, as the only one that is trusted. */
final class Pin implements ITypeConverter<PeerTrust> {

    @Override
    public PeerTrust convert(String text) {
        try {
            return PeerTrust.fingerprint(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
