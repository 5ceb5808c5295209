package dev.floe.signaling.wire;

import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalMessage.Bye;
import dev.floe.signaling.SignalMessage.CandidateLine;
import dev.floe.signaling.SignalMessage.Description;
import dev.floe.signaling.SignalMessage.EndOfCandidates;
import dev.floe.signaling.SignalMessage.HolePunch;
import dev.floe.signaling.SignalMessage.Joined;
import dev.floe.signaling.SignalMessage.Pake;
import dev.floe.signaling.SignalMessage.PeerJoined;
import dev.floe.signaling.SignalMessage.PeerLeft;
import dev.floe.signaling.SignalMessage.ServerError;
import dev.floe.signaling.SignalingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A room's messages to JSON and back. By hand over a tree, not by reflection: the errors are for people, and nothing
 * but strings and lists of strings is read.
 */
public final class SignalJson {

    // A name said twice would let two readers of one message see different ones.
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(32)
                            .maxNameLength(128)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String SEQUENCE = "seq";

    /** By how many characters a number makes a message longer, at most. */
    public static final int MAX_NUMBER_CHARACTERS = 32;

    private SignalJson() {}

    /**
     * A message and its number.
     *
     * @param sequence 0 if it has none
     */
    public record Numbered(long sequence, SignalMessage message) {

        /** Empty if its type is not known here. */
        public Optional<SignalMessage> known() {
            return Optional.ofNullable(message);
        }
    }

    /**
     * Reads one message.
     *
     * @return empty if its type is not known here
     * @throws SignalingException if it is no JSON object, has no type, or lacks what its type needs
     */
    public static Optional<SignalMessage> read(String json) throws SignalingException {
        return readNumbered(json).known();
    }

    /** As {@link #read}, with the number that the server has given the message. */
    public static Numbered readNumbered(String json) throws SignalingException {
        ObjectNode object = readObject(json);
        SignalMessage message = switch (text(object, "type")) {
            case "description" ->
                new Description(
                        text(object, "username"),
                        text(object, "password"),
                        object.hasNonNull("fingerprint") ? text(object, "fingerprint") : null,
                        object.hasNonNull("options") ? texts(object, "options") : List.of(),
                        object.hasNonNull("proof") ? text(object, "proof") : null);
            case "candidate" -> new CandidateLine(text(object, "candidate"));
            case "end-of-candidates" -> new EndOfCandidates();
            case "pake" -> new Pake(text(object, "payload"));
            case "hole-punch" -> new HolePunch(text(object, "username"), text(object, "payload"));
            case "bye" -> new Bye();
            case "joined" ->
                new Joined(
                        object.path("peers").asInt(0),
                        object.hasNonNull("resume") ? text(object, "resume") : null,
                        object.path("received").asLong(0));
            case "peer-joined" -> new PeerJoined();
            case "peer-left" -> new PeerLeft();
            case "error" -> new ServerError(text(object, "code"), text(object, "message"));
            default -> null;
        };
        return new Numbered(sequence(object), message);
    }

    public static String write(SignalMessage message) {
        ObjectNode object = newObject();
        if (message instanceof Description description) {
            object.put("type", "description")
                    .put("username", description.username())
                    .put("password", description.password());
            if (description.fingerprint() != null) {
                object.put("fingerprint", description.fingerprint());
            }
            description.options().forEach(object.putArray("options")::add);
            if (description.proof() != null) {
                object.put("proof", description.proof());
            }
        } else if (message instanceof CandidateLine line) {
            object.put("type", "candidate").put("candidate", line.candidate());
        } else if (message instanceof Pake pake) {
            object.put("type", "pake").put("payload", pake.payload());
        } else if (message instanceof HolePunch word) {
            object.put("type", "hole-punch").put("username", word.username()).put("payload", word.payload());
        } else if (message instanceof Joined joined) {
            object.put("type", "joined").put("peers", joined.peers());
            if (joined.resume() != null) {
                object.put("resume", joined.resume()).put("received", joined.received());
            }
        } else if (message instanceof ServerError error) {
            object.put("type", "error").put("code", error.code()).put("message", error.message());
        } else {
            object.put("type", bareType(message));
        }
        return object.toString();
    }

    /** The same message with its number; what is given is a JSON object with a type and without a number. */
    public static String numbered(String json, long sequence) {
        int end = json.lastIndexOf('}');
        return new StringBuilder(end + MAX_NUMBER_CHARACTERS)
                .append(json, 0, end)
                .append(",\"" + SEQUENCE + "\":")
                .append(sequence)
                .append('}')
                .toString();
    }

    static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    static ObjectNode readObject(String json) throws SignalingException {
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new SignalingException(SignalingException.BAD_MESSAGE, "not JSON: " + reason, e);
        }
        throw new SignalingException(SignalingException.BAD_MESSAGE, "not a JSON object");
    }

    static String text(ObjectNode object, String field) throws SignalingException {
        JsonNode value = object.path(field);
        if (!value.isString()) {
            throw new SignalingException(
                    SignalingException.BAD_MESSAGE, "field '" + field + "' is missing or not a string");
        }
        return value.stringValue();
    }

    static List<String> texts(ObjectNode object, String field) throws SignalingException {
        JsonNode array = object.path(field);
        List<String> texts = new ArrayList<>();
        for (JsonNode value : array) {
            if (value.isString()) {
                texts.add(value.stringValue());
            }
        }
        if (!array.isArray() || texts.size() != array.size()) {
            throw new SignalingException(
                    SignalingException.BAD_MESSAGE, "field '" + field + "' is not a list of strings");
        }
        return texts;
    }

    // Whatever else it were, the server's own number would be the second of that name.
    private static long sequence(ObjectNode object) throws SignalingException {
        JsonNode number = object.path(SEQUENCE);
        if (number.isMissingNode()) {
            return 0;
        }
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() <= 0) {
            throw new SignalingException(
                    SignalingException.BAD_MESSAGE, "field '" + SEQUENCE + "' is not a number from 1");
        }
        return number.longValue();
    }

    private static String bareType(SignalMessage message) {
        if (message instanceof EndOfCandidates) {
            return "end-of-candidates";
        }
        if (message instanceof Bye) {
            return "bye";
        }
        return message instanceof PeerJoined ? "peer-joined" : "peer-left";
    }
}
