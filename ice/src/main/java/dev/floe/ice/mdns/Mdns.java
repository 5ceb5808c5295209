package dev.floe.ice.mdns;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks multicast DNS (RFC 6762) on the links of this machine. The port is shared with whoever else speaks it here, so
 * a unicast answer might reach somebody else: queries ask for multicast ones. Everything but {@link #open} belongs on
 * the event loop.
 */
public final class Mdns {

    static final int PORT = 5353;

    private static final Logger log = LoggerFactory.getLogger(Mdns.class);

    private final EventLoop loop;
    private final MdnsLinks links;
    private final List<MdnsSocket> sockets;
    private final MdnsResolver resolver;
    private final MdnsResponder responder = new MdnsResponder();

    private Mdns(EventLoop loop, MdnsLinks links) {
        this.loop = loop;
        this.links = links;
        sockets = Stream.of(MdnsGroup.IPV4, MdnsGroup.IPV6)
                .flatMap(group -> MdnsSocket.open(group, links, loop, this::receive).stream())
                .toList();
        resolver = new MdnsResolver(loop, name -> send(MdnsMessage.query(name)));
    }

    /**
     * Opens a socket for each address family, from any thread.
     *
     * @param loop one that runs NIO channels
     * @param filter the interfaces that may be used; asked by {@code blocking}
     * @param blocking runs the system calls that list the interfaces
     * @return fails with an {@link IOException} if this machine has no multicast
     */
    public static Future<Mdns> open(EventLoop loop, Predicate<NetworkInterface> filter, Executor blocking) {
        Promise<Mdns> opened = loop.newPromise();
        CompletableFuture.supplyAsync(() -> MdnsLinks.find(filter), blocking)
                .thenAccept(links -> loop.execute(() -> open(loop, links, opened)))
                .exceptionally(cause -> {
                    opened.tryFailure(cause);
                    return null;
                });
        return opened;
    }

    /**
     * The address of a name; fails with an {@link java.net.UnknownHostException} after five seconds without an answer.
     *
     * @param name with its {@code .local}
     */
    public Future<InetAddress> resolve(String name) {
        return resolver.resolve(name);
    }

    /** Answers for a name from now on, and says so to the links (RFC 6762 §8.3). */
    public void register(String name, InetAddress address) {
        if (responder.add(name, address)) {
            announce(name, address);
            loop.schedule(() -> announce(name, address), 1, TimeUnit.SECONDS);
        }
    }

    /** Takes back the names (RFC 6762 §10.1) and closes the sockets. */
    public void close() {
        responder.removeAll().forEach((name, address) -> send(MdnsMessage.goodbye(name, address)));
        resolver.close();
        sockets.forEach(MdnsSocket::close);
    }

    private static void open(EventLoop loop, MdnsLinks links, Promise<Mdns> opened) {
        Mdns mdns = new Mdns(loop, links);
        if (mdns.sockets.isEmpty()) {
            opened.tryFailure(new IOException("no interface of this machine takes multicast"));
        } else {
            opened.trySuccess(mdns);
        }
    }

    private void announce(String name, InetAddress address) {
        if (responder.owns(name)) {
            send(MdnsMessage.answer(name, address));
        }
    }

    private void receive(MdnsSocket socket, MdnsMessage message, InetSocketAddress sender) {
        // RFC 6762 §11: what comes from another link is none of ours.
        if (!links.isOnLink(sender.getAddress())) {
            log.debug("dropped multicast DNS from {}, which is on none of the links", sender);
        } else if (!message.isResponse()) {
            message.questions().forEach(question -> answer(socket, message.id(), question, sender));
        } else if (sender.getPort() == PORT) {
            // RFC 6762 §6: a response from any other port is to be ignored.
            resolver.receive(message.answers());
        }
    }

    private void answer(MdnsSocket socket, int id, MdnsMessage.Question question, InetSocketAddress sender) {
        if (sender.getPort() == PORT) {
            responder
                    .answerDue(question, System.nanoTime())
                    .ifPresent(address -> socket.send(MdnsMessage.answer(question.name(), address)));
        } else {
            responder
                    .addressFor(question)
                    .ifPresent(address -> socket.send(MdnsMessage.legacyAnswer(id, question, address), sender));
        }
    }

    private void send(MdnsMessage message) {
        sockets.forEach(socket -> socket.send(message));
    }
}
