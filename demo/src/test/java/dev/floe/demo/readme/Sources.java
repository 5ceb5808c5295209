package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's Java files, as the documents name them. */
final class Sources {

    static final Path ROOT = Path.of("..");

    private static final List<Path> ALL = Stream.of("stun", "ice", "quic-glue", "signaling", "demo")
            .map(module -> ROOT.resolve(module).resolve("src"))
            .flatMap(Sources::javaFiles)
            .toList();

    private Sources() {}

    /**
     * The files of this name.
     *
     * @param kind {@code main} or {@code test}
     */
    static List<Path> of(String kind, String className) {
        Path file = Path.of(className + ".java");
        return ALL.stream()
                .filter(path -> path.endsWith(file) && path.toString().contains("/src/" + kind + "/"))
                .toList();
    }

    /** @param name {@code Class#method} */
    static void assertTestExists(String name) {
        String[] parts = name.split("#");
        assertThat(parts).as(name).hasSize(2);
        assertThat(of("test", parts[0]))
                .as(name)
                .anySatisfy(file -> assertThat(Files.readString(file))
                        .containsPattern("\\n    (public )?void " + Pattern.quote(parts[1]) + "\\("));
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
