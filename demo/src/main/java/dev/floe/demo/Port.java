package dev.floe.demo;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A port's number; 0 is for the command to interpret. */
final class Port implements ITypeConverter<Integer> {

    @Override
    public Integer convert(String digits) {
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 0xffff) {
            throw new TypeConversionException("port '" + digits + "', expected 0 to 65535");
        }
        return Integer.valueOf(digits);
    }
}
