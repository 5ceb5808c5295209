package dev.floe.demo;

import dev.floe.quic.ConnectMethod;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A method, by its word. */
final class MethodWord implements ITypeConverter<ConnectMethod> {

    @Override
    public ConnectMethod convert(String text) {
        return Stream.of(ConnectMethod.values())
                .filter(method -> method.word().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new TypeConversionException("'" + text + "' is no method, expected ice, punch or draft"));
    }
}
