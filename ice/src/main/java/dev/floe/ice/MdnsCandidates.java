package dev.floe.ice;

import dev.floe.ice.mdns.Mdns;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mDNS names of both sides' candidates (draft-ietf-mmusic-mdns-ice-candidates). Multicast DNS is spoken from the
 * first name on, until the session ends; where it cannot be, hidden candidates are just not found. On the event loop.
 */
final class MdnsCandidates {

    private static final Logger log = LoggerFactory.getLogger(MdnsCandidates.class);

    private final Map<InetAddress, String> ownNames = new HashMap<>();
    private final NameLookUps lookUps = new NameLookUps();
    private final Predicate<NetworkInterface> filter;
    private Future<Mdns> mdns;
    private boolean isClosed;

    /** @param filter the interfaces on which multicast DNS may be spoken */
    MdnsCandidates(Predicate<NetworkInterface> filter) {
        this.filter = filter;
    }

    /** A name for each address, the same one each time. */
    Map<InetAddress, String> namesFor(ChannelHandlerContext ctx, Collection<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            if (!ownNames.containsKey(address)) {
                String name = UUID.randomUUID() + ".local";
                ownNames.put(address, name);
                register(ctx, name, address);
            }
        }
        return Map.copyOf(ownNames);
    }

    /** This machine is on other links now: speaks on those, if it has spoken at all. */
    void moved(ChannelHandlerContext ctx) {
        if (mdns != null && !isClosed) {
            closeSockets();
            mdns = null;
            ownNames.forEach((address, name) -> register(ctx, name, address));
        }
    }

    /** Looks for the address behind a candidate's name; if there is one, hands over the candidate with it. */
    void resolve(ChannelHandlerContext ctx, Candidate named, Consumer<Candidate> resolved) {
        lookUps.of(named.host(), name -> lookUp(ctx, name))
                .ifPresentOrElse(
                        lookUp -> lookUp.addListener((Future<InetAddress> answer) -> {
                            if (!answer.isSuccess()) {
                                log.debug(
                                        "dropped {}: {}", named, answer.cause().getMessage());
                            } else if (CandidateParser.isReachable(answer.getNow())) {
                                resolved.accept(named.resolved(answer.getNow()));
                            }
                        }),
                        () -> log.debug("dropped {}, one name too many", named));
    }

    void close() {
        if (!isClosed && mdns != null) {
            closeSockets();
        }
        isClosed = true;
    }

    private void closeSockets() {
        mdns.addListener((Future<Mdns> opened) -> {
            if (opened.isSuccess()) {
                opened.getNow().close();
            }
        });
    }

    private void register(ChannelHandlerContext ctx, String name, InetAddress address) {
        withMdns(
                ctx,
                spoken -> spoken.register(name, address),
                cause -> log.debug("no multicast DNS: {}", cause.getMessage()));
    }

    private Future<InetAddress> lookUp(ChannelHandlerContext ctx, String name) {
        Promise<InetAddress> address = ctx.executor().newPromise();
        withMdns(ctx, spoken -> PromiseNotifier.cascade(spoken.resolve(name), address), address::tryFailure);
        return address;
    }

    private void withMdns(ChannelHandlerContext ctx, Consumer<Mdns> action, Consumer<Throwable> otherwise) {
        if (isClosed) {
            otherwise.accept(new IceException("the session is over"));
            return;
        }
        if (mdns == null) {
            mdns = Mdns.open(ctx.channel().eventLoop(), filter, StunServers::onThreadOfItsOwn);
        }
        mdns.addListener((Future<Mdns> opened) -> {
            if (opened.isSuccess()) {
                action.accept(opened.getNow());
            } else {
                otherwise.accept(opened.cause());
            }
        });
    }
}
