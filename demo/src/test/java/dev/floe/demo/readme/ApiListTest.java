package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/api.md} lists what the modules export: every public type of every package, and nothing else. */
class ApiListTest {

    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("stun", "ice", "quic-glue", "signaling");
    private static final Pattern PACKAGE = Pattern.compile("### `([^`]+)`");
    private static final Pattern TYPE = Pattern.compile("\\| `(\\w+)` \\| .+ \\|");

    @Test
    void listHasEachPublicTypeOfEachExportedPackage() throws IOException {
        Map<String, Set<String>> exported = new TreeMap<>();
        for (String module : MODULES) {
            Path classes = ROOT.resolve(module).resolve("target/classes");
            for (String name : exports(classes.resolve("module-info.class"))) {
                exported.put(name, publicTypes(classes.resolve(name.replace('.', '/')), name));
            }
        }
        assertThat(listed()).isEqualTo(exported);
    }

    private static Map<String, Set<String>> listed() throws IOException {
        Map<String, Set<String>> listed = new TreeMap<>();
        Set<String> types = new TreeSet<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/api.md"))) {
            Matcher heading = PACKAGE.matcher(line);
            Matcher row = TYPE.matcher(line);
            if (heading.matches()) {
                types = listed.computeIfAbsent(heading.group(1), name -> new TreeSet<>());
            } else if (row.matches()) {
                types.add(row.group(1));
            }
        }
        return listed;
    }

    private static List<String> exports(Path moduleInfo) throws IOException {
        try (InputStream in = Files.newInputStream(moduleInfo)) {
            return ModuleDescriptor.read(in).exports().stream()
                    .filter(exports -> !exports.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .toList();
        }
    }

    private static Set<String> publicTypes(Path folder, String packageName) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.matches("\\w+\\.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .filter(name -> isPublic(packageName + "." + name))
                    .forEach(names::add);
        }
        return names;
    }

    private static boolean isPublic(String name) {
        try {
            Class<?> type = Class.forName(name, false, ApiListTest.class.getClassLoader());
            return Modifier.isPublic(type.getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError("there is a file of it", e);
        }
    }
}
