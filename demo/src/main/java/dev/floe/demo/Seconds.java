package dev.floe.demo;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A whole number of seconds, at least one. */
final class Seconds implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String digits) {
        if (!digits.matches("0*[1-9][0-9]{0,8}")) {
            throw new TypeConversionException("'" + digits + "', expected a number of seconds, at least 1");
        }
        return Duration.ofSeconds(Long.parseLong(digits));
    }
}
