package dev.floe.signaling.room;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A room's state as JSON, for where rooms are kept outside of a process. It is written and read by Floe alone. */
public final class RoomJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private RoomJson() {}

    public static String write(Room room) {
        ObjectNode object = MAPPER.createObjectNode();
        object.put("secret", room.secret()).put("aloneSince", room.aloneSince());
        var members = object.putArray("members");
        for (RoomMember member : room.members()) {
            ObjectNode one = members.addObject()
                    .put("token", member.token())
                    .put("peersAtJoin", member.peersAtJoin())
                    .put("absentSince", member.absentSince())
                    .put("received", member.received())
                    .put("acknowledged", member.acknowledged());
            member.connection().ifPresent(connection -> one.put("connection", connection));
            member.said().forEach(one.putArray("said")::add);
            member.inbox().forEach(one.putArray("inbox")::add);
        }
        return object.toString();
    }

    /** What {@link #write} has written, or an empty room for an empty text. */
    public static Room read(String json, RoomLimits limits) {
        if (json.isEmpty()) {
            return new Room(limits);
        }
        JsonNode object = MAPPER.readTree(json);
        List<RoomMember> members = new ArrayList<>();
        for (JsonNode member : object.path("members")) {
            members.add(member(member));
        }
        return new Room(
                limits,
                object.path("secret").stringValue(),
                object.path("aloneSince").longValue(),
                members);
    }

    private static RoomMember member(JsonNode member) {
        RoomMember.Presence presence = new RoomMember.Presence(
                member.path("connection").stringValue(null),
                member.path("absentSince").longValue());
        return new RoomMember(
                member.path("token").stringValue(),
                member.path("peersAtJoin").intValue(),
                presence,
                member.path("received").longValue(),
                member.path("acknowledged").longValue(),
                texts(member.path("said")),
                texts(member.path("inbox")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.stringValue()));
        return texts;
    }
}
