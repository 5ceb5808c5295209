package dev.floe.demo.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** The words of which codes are made: short, known to everybody, and no two of them a typing error apart. */
final class WordList {

    private static final List<String> WORDS = load();
    private static final int SUGGESTIONS = 3;

    private WordList() {}

    static List<String> words() {
        return WORDS;
    }

    static String random(RandomGenerator random) {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    static boolean contains(String word) {
        return WORDS.contains(word);
    }

    /** The words that are most like another one. */
    static List<String> nearest(String word) {
        return WORDS.stream()
                .sorted(Comparator.comparingInt(known -> distance(word, known)))
                .limit(SUGGESTIONS)
                .toList();
    }

    /** How many letters to insert, delete or replace to make one word of another. */
    static int distance(String from, String to) {
        int[] last = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            last[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] next = new int[to.length() + 1];
            next[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = last[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                next[column] = Math.min(replaced, 1 + Math.min(last[column], next[column - 1]));
            }
            last = next;
        }
        return last[to.length()];
    }

    private static List<String> load() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(WordList.class.getResourceAsStream("words.txt"), US_ASCII))) {
            return lines.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
