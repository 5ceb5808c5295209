package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.util.regex.Pattern;

/**
 * Names from somebody else, as names of files here: a single part of a path, which leads nowhere else. What is changed is
 * changed to an underscore; a name that is harmless stays as it is.
 */
final class SafeName {

    /** What no file system of today exceeds, in bytes of UTF-8. */
    private static final int MAX_BYTES = 255;

    // Separators; what a terminal takes for an order, or shows as another name; halves of a character.
    private static final Pattern NOWHERE =
            Pattern.compile("[/\\\\\\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\\p{Cs}]");
    private static final Pattern NOT_ON_WINDOWS = Pattern.compile("[<>:\"|?*]|[. ]+$");
    private static final Pattern DEVICE =
            Pattern.compile("(?i)(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9¹²³]) *(\\..*)?");

    private SafeName() {}

    /** The name as this machine can have it. */
    static String of(String name) {
        return of(name, File.separatorChar == '\\');
    }

    /** The name as Windows, or another system, can have it. */
    static String of(String name, boolean isWindows) {
        String safe = NOWHERE.matcher(name).replaceAll("_");
        if (isWindows) {
            safe = NOT_ON_WINDOWS.matcher(safe).replaceAll("_");
            safe = DEVICE.matcher(safe).matches() ? "_" + safe : safe;
        }
        if (safe.isEmpty() || safe.equals(".") || safe.equals("..")) {
            safe = "_";
        }
        return shortened(safe, "");
    }

    /** {@code name (2).ext} of {@code name.ext}; 0 is the name itself. */
    static String numbered(String name, int number) {
        return number == 0 ? name : shortened(name, " (" + number + ")");
    }

    /** With something put before its extension, and as many letters less before that as it takes. */
    private static String shortened(String name, String added) {
        int dot = name.lastIndexOf('.');
        boolean hasExtension = dot > 0 && name.substring(dot).getBytes(UTF_8).length <= MAX_BYTES / 4;
        String extension = hasExtension ? name.substring(dot) : "";
        String base = hasExtension ? name.substring(0, dot) : name;
        while ((base + added + extension).getBytes(UTF_8).length > MAX_BYTES) {
            base = base.substring(0, base.offsetByCodePoints(base.length(), -1));
        }
        return base + added + extension;
    }
}
