package dev.floe.demo.seed;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceHandler;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * ICE on a channel of its own that offers nothing beyond RFC 8445, and describes itself as the original programs do: no
 * fingerprint, no options, long foundations.
 */
final class IceByTheBook implements AutoCloseable {
    private static final int LIMIT_SECONDS = 40;

    private final IceHandler ice;
    private final Channel channel;

    IceByTheBook(EventLoopGroup group, IceRole role) throws Exception {
        ice = new IceHandler(IceConfig.of(role, List.of()).withOptions(Set.of()));
        channel = await(bind(group));
    }

    /** Gathers, and gives the object to say over the relay. */
    String describe() throws Exception {
        IceDescription local = await(ice.gather());
        ObjectNode description = JsonMapper.shared().createObjectNode();
        ArrayNode candidates = description.putArray("candidates");
        for (Candidate candidate : local.candidates()) {
            String foundation = UUID.nameUUIDFromBytes(candidate.foundation().getBytes(StandardCharsets.US_ASCII))
                    .toString()
                    .replace("-", "");
            candidates.add(new Candidate(
                            foundation,
                            candidate.priority(),
                            candidate.address(),
                            candidate.type(),
                            candidate.relatedAddress())
                    .toSdp());
        }
        return description
                .put("username", local.credentials().usernameFragment())
                .put("password", local.credentials().password())
                .toString();
    }

    /** Takes the other side's object, of which nothing but the candidates and credentials is looked at. */
    CandidatePair connect(String description) throws Exception {
        JsonNode object = JsonMapper.shared().readTree(description);
        List<Candidate> candidates = new ArrayList<>();
        for (JsonNode line : object.path("candidates")) {
            Candidate.parse(line.asString()).ifPresent(candidates::add);
        }
        IceCredentials credentials = new IceCredentials(
                object.path("username").asString(), object.path("password").asString());
        ice.setRemoteDescription(new IceDescription(credentials, null, Set.of(), candidates));
        return await(ice.connected());
    }

    /** From here on nobody answers checks on the channel; nothing else happens to it. */
    void stopAnswering() throws Exception {
        await(channel.eventLoop().submit(() -> {
            channel.pipeline().remove(ice);
            channel.pipeline().remove(StunCodec.class);
        }));
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private Future<Channel> bind(EventLoopGroup group) {
        var bound = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StunCodec(), ice);
                    }
                })
                .bind(0);
        var promise = bound.channel().eventLoop().<Channel>newPromise();
        bound.addListener(done -> {
            if (done.isSuccess()) {
                promise.setSuccess(bound.channel());
            } else {
                promise.setFailure(done.cause());
            }
        });
        return promise;
    }
}
