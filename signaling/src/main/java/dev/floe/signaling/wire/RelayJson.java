package dev.floe.signaling.wire;

import dev.floe.ice.Candidate;
import dev.floe.ice.IceDescription;
import dev.floe.signaling.SignalMessage;
import dev.floe.signaling.SignalingException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one object that a peer says over the plain relay.
 *
 * @param description all but the candidates
 * @param candidates SDP candidate values, as they came
 */
public record RelayJson(SignalMessage.Description description, List<String> candidates) {

    /** Reads an object, or nothing from whatever else is said over a relay. */
    public static Optional<RelayJson> read(String json) {
        try {
            ObjectNode object = SignalJson.readObject(json);
            return Optional.of(new RelayJson(
                    new SignalMessage.Description(
                            SignalJson.text(object, "username"),
                            SignalJson.text(object, "password"),
                            object.hasNonNull("fingerprint") ? SignalJson.text(object, "fingerprint") : null,
                            object.hasNonNull("options") ? SignalJson.texts(object, "options") : List.of()),
                    SignalJson.texts(object, "candidates")));
        } catch (SignalingException e) {
            return Optional.empty();
        }
    }

    public static String write(IceDescription local) {
        ObjectNode object = SignalJson.newObject();
        ArrayNode candidates = object.putArray("candidates");
        local.candidates().stream().map(Candidate::toSdp).forEach(candidates::add);
        object.put("username", local.credentials().usernameFragment())
                .put("password", local.credentials().password());
        local.certificateFingerprint().ifPresent(fingerprint -> object.put("fingerprint", fingerprint));
        if (!local.options().isEmpty()) {
            local.options().forEach(object.putArray("options")::add);
        }
        return object.toString();
    }
}
