package dev.floe.demo.transfer;

import java.util.Locale;

/** Figures as people read them. */
public final class Amount {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Amount() {}

    /** {@code 12.3 MB}, in powers of a thousand. */
    public static String bytes(long count) {
        double amount = count;
        int unit = 0;
        while (amount >= 999.5) {
            amount /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || amount >= 99.95 ? "%.0f %s" : "%.1f %s", amount, UNITS[unit]);
    }
}
