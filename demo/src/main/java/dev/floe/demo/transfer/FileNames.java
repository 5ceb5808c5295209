package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Path;

/**
 * Names of files as UTF-8, whatever the locale: a JVM that was started in the locale {@code C} reads and writes names with
 * letters beyond ASCII only by way of URIs.
 */
final class FileNames {

    private static final boolean IS_BYTES = File.separatorChar == '/';

    private FileNames() {}

    /** A path's last part. */
    static String of(Path path) {
        if (!IS_BYTES) {
            return path.getFileName().toString();
        }
        String uri = path.toUri().getRawPath().replaceFirst("/$", "");
        return URLDecoder.decode(uri.substring(uri.lastIndexOf('/') + 1).replace("+", "%2B"), UTF_8);
    }

    /** The file of this name in a folder; the name has no separator and is not a relative step. */
    static Path in(Path folder, String name) {
        if (!IS_BYTES) {
            return folder.resolve(name);
        }
        String encoded = URLEncoder.encode(name, UTF_8).replace("+", "%20").replace("*", "%2A");
        return folder.resolve(Path.of(URI.create("file:///" + encoded)).getFileName());
    }
}
