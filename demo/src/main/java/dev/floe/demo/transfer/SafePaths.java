package dev.floe.demo.transfer;

import dev.floe.demo.transfer.Frame.Entry;
import dev.floe.demo.transfer.Frame.Kind;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where each entry of a manifest goes. An entry's folder must have been listed before it, and each adds one safe name to the
 * folder's own place, so that nothing leads out of the first folder whatever is said. The same manifest gives the same paths.
 */
final class SafePaths {

    private static final boolean IS_CASE_SENSITIVE =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");

    private final Path root;
    private final Consumer<String> notes;
    private final Map<String, Path> folders = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    SafePaths(Path root, Consumer<String> notes) {
        this.root = root;
        this.notes = notes;
    }

    /** One path for each entry. */
    List<Path> of(Manifest manifest) throws TransferException {
        List<Path> paths = new ArrayList<>(manifest.entries().size());
        for (Entry entry : manifest.entries()) {
            paths.add(manifest.kind() == Kind.FOLDER ? of(entry) : FileNames.in(root, SafeName.of(entry.path())));
        }
        return paths;
    }

    private Path of(Entry entry) throws TransferException {
        int slash = entry.path().lastIndexOf('/');
        Path folder = slash < 0 ? root : folders.get(entry.path().substring(0, slash));
        if (folder == null) {
            throw TransferException.nonsense("a file in a folder that was not listed", null);
        }
        String name = entry.path().substring(slash + 1);
        Path path = free(folder, SafeName.of(name));
        if (!FileNames.of(path).equals(name)) {
            notes.accept("goes by another name here: " + root.relativize(path));
        }
        if (entry.isFolder()) {
            folders.put(entry.path(), path);
        }
        return path;
    }

    private Path free(Path folder, String name) {
        for (int number = 0; ; number++) {
            Path path = FileNames.in(folder, SafeName.numbered(name, number));
            if (taken.add(comparable(path))) {
                return path;
            }
        }
    }

    // Where a file system takes two names for one, the second file would go over the first.
    private static String comparable(Path path) {
        String uri = path.toUri().getRawPath();
        return IS_CASE_SENSITIVE
                ? uri
                : Normalizer.normalize(path.toString(), Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    }
}
