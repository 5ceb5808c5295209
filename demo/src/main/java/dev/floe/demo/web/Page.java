package dev.floe.demo.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page: one HTML document with its style and script inside, and a policy that lets it use nothing else. Events are
 * embedded in it, or come while it is open if there are none.
 */
final class Page {

    private static final String RESOURCE = "page.html";
    private static final String POLICY_MARK = "@policy@";
    private static final String EVENTS_MARK = "@events@";

    private final String template;
    private final String policy;

    private Page(String template) {
        this.template = template;
        this.policy = "default-src 'none'; style-src '" + hash("style", template) + "'; script-src '"
                + hash("script", template)
                + "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
    }

    /** Reads it from this package's resources. */
    static Page load() {
        try (InputStream in = Page.class.getResourceAsStream(RESOURCE)) {
            return new Page(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The Content-Security-Policy under which it works. */
    String policy() {
        return policy;
    }

    /** The page that asks its server for events. */
    String live() {
        return filledWith("");
    }

    /** The page with these events, each one JSON object, in it. */
    String of(List<String> events) {
        // Whatever a string says, it does not end the script element it stands in.
        return filledWith("[" + String.join(",\n", events).replace("<", "\\u003c") + "]");
    }

    private String filledWith(String events) {
        return template.replace(POLICY_MARK, policy).replace(EVENTS_MARK, events);
    }

    /** The source expression for the only element of that name without attributes (CSP 3 §2.3.1). */
    private static String hash(String element, String html) {
        Matcher inline = Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                .matcher(html);
        if (!inline.find()) {
            throw new IllegalStateException("no " + element + " in the page");
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(inline.group(1).getBytes(UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
