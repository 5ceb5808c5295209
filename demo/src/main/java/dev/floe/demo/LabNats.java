package dev.floe.demo;

import dev.floe.demo.lab.NatKind;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code NAT_A,NAT_B}: the kinds of NAT before the two peers of a lab.
 *
 * @param offerer the one before the offerer
 * @param answerer the one before the answerer
 */
record LabNats(NatKind offerer, NatKind answerer) {

    boolean isAny(NatKind kind) {
        return offerer == kind || answerer == kind;
    }

    /** Reads it, in either case, with dashes or underscores. */
    static final class Converter implements ITypeConverter<LabNats> {

        @Override
        public LabNats convert(String text) {
            List<NatKind> kinds =
                    Stream.of(text.split(",", -1)).map(Converter::kind).toList();
            if (kinds.size() != 2) {
                throw new TypeConversionException("'" + text + "', expected two kinds of NAT, as in symmetric,none");
            }
            return new LabNats(kinds.get(0), kinds.get(1));
        }

        private static NatKind kind(String text) {
            String word = text.strip().toLowerCase(Locale.ROOT).replace('_', '-');
            return Stream.of(NatKind.values())
                    .filter(kind -> kind.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text + "', expected one of "
                            + Stream.of(NatKind.values()).map(NatKind::word).collect(Collectors.joining(", "))));
        }
    }
}
