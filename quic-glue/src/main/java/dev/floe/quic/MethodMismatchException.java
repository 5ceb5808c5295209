package dev.floe.quic;

/** The other side connects by another {@link ConnectMethod}. */
public final class MethodMismatchException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param theirs as the other side names it, which may be a method that is not known here */
    MethodMismatchException(ConnectMethod ours, String theirs) {
        super("the other side connects by method '" + printable(theirs) + "', this side by '" + ours.word()
                + "': both have to use the same");
    }

    // It comes from outside and is to be read by people.
    private static String printable(String word) {
        return word.substring(0, Math.min(word.length(), 32)).replaceAll("[^\\x21-\\x7e]", "?");
    }
}
