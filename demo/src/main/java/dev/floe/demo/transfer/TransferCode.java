package dev.floe.demo.transfer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What one person tells another on the phone so that a file gets over: a number, which is the room's name and so known to
 * the signaling server, and three words, which are the password and never leave the two machines.
 *
 * @param number 1 to 9999
 * @param words three of the list
 */
public record TransferCode(int number, List<String> words) {

    private static final int MAX_NUMBER = 9999;
    private static final int WORDS = 3;
    private static final int MAX_LENGTH = 100;

    public TransferCode {
        words = List.copyOf(words);
    }

    /** A new one; the generator must be one that nobody can predict. */
    public static TransferCode random(RandomGenerator random) {
        return new TransferCode(
                1 + random.nextInt(MAX_NUMBER),
                Stream.generate(() -> WordList.random(random)).limit(WORDS).toList());
    }

    /**
     * Reads a code as people type it: in any case, with dashes, spaces, dots or commas between its parts.
     *
     * @throws IllegalArgumentException for one that cannot be; if a word is not of the list, with the nearest that are
     */
    public static TransferCode parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw wrong("that long a text");
        }
        List<String> parts = Arrays.stream(text.toLowerCase(Locale.ROOT).split("[\\s\\-‐‑–—_.,]+"))
                .filter(part -> !part.isEmpty())
                .toList();
        if (parts.size() != 1 + WORDS || !parts.get(0).matches("0{0,3}[1-9][0-9]{0,3}")) {
            throw wrong("'" + printable(text) + "'");
        }
        List<String> words = parts.subList(1, parts.size());
        for (String word : words) {
            if (!WordList.contains(word)) {
                throw new IllegalArgumentException("no code has the word '" + printable(word) + "'; is it "
                        + String.join(" or ", WordList.nearest(word)) + "?");
            }
        }
        return new TransferCode(Integer.parseInt(parts.get(0)), words);
    }

    /** The room where both sides meet: all that the signaling server learns of the code. */
    public String room() {
        return "floe-" + number;
    }

    /** What both sides prove to each other that they know. */
    public String password() {
        return String.join("-", words);
    }

    /** The code as it is told: {@code 42-cedar-ruler-planet}. */
    @Override
    public String toString() {
        return number + "-" + password();
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(
                "a code is a number from 1 to 9999 and three words, such as 42-cedar-ruler-planet, not " + what);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
