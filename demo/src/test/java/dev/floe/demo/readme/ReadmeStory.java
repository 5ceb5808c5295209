package dev.floe.demo.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What README shows of {@code floe demo}. */
public final class ReadmeStory {

    private static final Pattern STORY = Pattern.compile("```\n(signaling .*?)```\n", Pattern.DOTALL);

    private ReadmeStory() {}

    /** README's story, as {@link #linesOf} gives it. */
    public static List<String> lines() throws IOException {
        Matcher story = STORY.matcher(Files.readString(Sources.ROOT.resolve("README.md")));
        return story.find() ? linesOf(story.group(1)) : List.of();
    }

    /** A story's lines without what is another each time: addresses, times, and how wide they are. */
    public static List<String> linesOf(String story) {
        return story.replaceAll("\\S+:\\d+", "ADDRESS")
                .replaceAll("[0-9.]+ ms", "TIME")
                .replaceAll("port \\d+", "PORT")
                .replaceAll(" +", " ")
                .lines()
                .toList();
    }
}
