package dev.floe.demo.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents quote, name and link to is there. */
class DocumentsTest {

    private static final Pattern CODE = Pattern.compile("```java\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern LEFT_OUT = Pattern.compile("\\s*// …\\s*");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT)(?:#\\w+)?)`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern ANCHOR = Pattern.compile("<a id=\"([^\"]+)\">");

    /** A piece of Java in a document, and the Java files that the document links to. */
    record Quotation(String document, String code, List<Path> sources) {
        @Override
        public String toString() {
            return document + ": " + code.lines().findFirst().orElse("").strip();
        }
    }

    @ParameterizedTest
    @MethodSource("quotations")
    void quotedCodeIsInOneOfTheFilesThatTheDocumentLinksTo(Quotation quotation) throws IOException {
        List<String> parts = List.of(LEFT_OUT.split(withoutIndentation(quotation.code())));
        List<String> sources = new ArrayList<>();
        for (Path source : quotation.sources()) {
            sources.add(withoutIndentation(Files.readString(source)));
        }
        assertThat(sources)
                .as(quotation.code())
                .anySatisfy(source -> assertThat(source).containsSubsequence(parts));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Path document) throws IOException {
        assertThat(links(document)).allSatisfy(link -> {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
            assertThat(target).exists();
            if (parts.length == 2) {
                assertThat(anchors(target)).contains(parts[1]);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("documents")
    void testsThatAreNamedExist(Path document) throws IOException {
        assertThat(named(document)).allSatisfy(name -> {
            assertThat(Sources.of("test", name.split("#", 2)[0])).isNotEmpty();
            if (name.contains("#")) {
                Sources.assertTestExists(name);
            }
        });
    }

    static List<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(Sources.ROOT);
                Stream<Path> docs = Files.list(Sources.ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /** Those of README are {@link ReadmeTest}'s. */
    static List<Quotation> quotations() throws IOException {
        List<Quotation> quotations = new ArrayList<>();
        for (Path document : documents()) {
            if (!document.endsWith("README.md")) {
                List<Path> sources = links(document).stream()
                        .filter(link -> link.endsWith(".java"))
                        .map(document::resolveSibling)
                        .distinct()
                        .toList();
                CODE.matcher(Files.readString(document))
                        .results()
                        .map(match -> new Quotation(document.getFileName().toString(), match.group(1), sources))
                        .forEach(quotations::add);
            }
        }
        return quotations;
    }

    private static List<String> links(Path document) throws IOException {
        return LINK.matcher(Files.readString(document))
                .results()
                .map(match -> match.group(1))
                .filter(link -> !link.contains("://"))
                .toList();
    }

    private static List<String> named(Path document) throws IOException {
        return TEST.matcher(Files.readString(document))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** As GitHub makes them of headings, and those that are set. */
    private static List<String> anchors(Path document) throws IOException {
        String text = Files.readString(document);
        Stream<String> headings = HEADING.matcher(text)
                .results()
                .map(match -> match.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'));
        Stream<String> set = ANCHOR.matcher(text).results().map(match -> match.group(1));
        return Stream.concat(headings, set).toList();
    }

    private static String withoutIndentation(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
    }
}
