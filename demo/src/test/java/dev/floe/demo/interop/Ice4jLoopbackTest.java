package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceRole;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.Agent;
import org.ice4j.ice.CandidateType;
import org.ice4j.ice.Component;
import org.ice4j.ice.HostCandidate;
import org.ice4j.ice.IceMediaStream;
import org.ice4j.ice.KeepAliveStrategy;
import org.ice4j.ice.LocalCandidate;
import org.ice4j.ice.RemoteCandidate;
import org.ice4j.ice.harvest.AbstractCandidateHarvester;
import org.ice4j.socket.IceUdpSocketWrapper;
import org.ice4j.socket.MultiplexingDatagramSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our agent and ice4j's, in one process, each in either role. */
@Timeout(60)
class Ice4jLoopbackTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Logger LOGGER = Logger.getLogger("org.ice4j");

    static {
        // It reads its settings once. This one is 15 s by default.
        System.setProperty("ice4j.consent-freshness.interval", "1 second");
    }

    private final ForeignLog log = new ForeignLog();
    private final Handler logHandler = new LogQueue();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @BeforeEach
    void listenToTheLog() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(logHandler);
    }

    @AfterEach
    void stop() {
        LOGGER.removeHandler(logHandler);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectAndDatagramsGoBothWays(IceRole role) throws Exception {
        try (FloeAgent ours = new FloeAgent(group, role, LOOPBACK);
                Ice4j theirs = new Ice4j(role == IceRole.CONTROLLED)) {
            theirs.start(ours.describe());
            CandidatePair pair = ours.connect(theirs.describe());
            theirs.established().get(20, TimeUnit.SECONDS);

            ours.send(pair, "from Floe");
            assertThat(theirs.receive()).isEqualTo("from Floe");
            theirs.send("from ice4j");
            assertThat(ours.awaitDatagram()).asString(UTF_8).isEqualTo("from ice4j");
            ours.awaitConsent();
            ours.report("ice4j", pair, log.await("to Completed"));
        }
    }

    /** An ice4j agent with one component and one host candidate. */
    private static final class Ice4j implements AutoCloseable {
        private final Agent agent = new Agent();
        private final CompletableFuture<Void> established = new CompletableFuture<>();
        private final IceMediaStream stream;
        private final Component component;

        Ice4j(boolean isControlling) throws IOException {
            agent.setControlling(isControlling);
            agent.setPerformConsentFreshness(true);
            agent.setUseDynamicPorts(false);
            agent.addCandidateHarvester(new LoopbackHarvester());
            agent.addStateChangeListener(change -> {
                if (agent.getState().isEstablished()) {
                    established.complete(null);
                }
            });
            stream = agent.createMediaStream("floe");
            component = agent.createComponent(stream, KeepAliveStrategy.SELECTED_ONLY, true);
        }

        IceDescription describe() {
            List<dev.floe.ice.Candidate> candidates = component.getLocalCandidates().stream()
                    .map(local -> new dev.floe.ice.Candidate(
                            local.getFoundation(),
                            local.getPriority(),
                            local.getTransportAddress(),
                            dev.floe.ice.CandidateType.HOST,
                            null))
                    .toList();
            return new IceDescription(
                    new IceCredentials(agent.getLocalUfrag(), agent.getLocalPassword()),
                    null,
                    Set.of("ice2"),
                    candidates);
        }

        void start(IceDescription remote) {
            stream.setRemoteUfrag(remote.credentials().usernameFragment());
            stream.setRemotePassword(remote.credentials().password());
            remote.candidates()
                    .forEach(candidate -> component.addRemoteCandidate(new RemoteCandidate(
                            new TransportAddress(candidate.address(), Transport.UDP),
                            component,
                            CandidateType.HOST_CANDIDATE,
                            candidate.foundation(),
                            candidate.priority(),
                            null)));
            agent.startConnectivityEstablishment();
        }

        CompletableFuture<Void> established() {
            return established;
        }

        void send(String text) throws IOException {
            byte[] bytes = text.getBytes(UTF_8);
            component.send(bytes, 0, bytes.length);
        }

        String receive() throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            component.getSocket().setSoTimeout(20_000);
            component.getSocket().receive(packet);
            return new String(packet.getData(), packet.getOffset(), packet.getLength(), UTF_8);
        }

        @Override
        public void close() {
            agent.free();
        }
    }

    /** ice4j itself leaves loopback addresses out, and a machine may have no other. */
    private static final class LoopbackHarvester extends AbstractCandidateHarvester {
        @Override
        public Collection<LocalCandidate> harvest(Component component) {
            try {
                IceUdpSocketWrapper socket = new IceUdpSocketWrapper(new MultiplexingDatagramSocket(0, LOOPBACK));
                HostCandidate candidate = new HostCandidate(socket, component);
                component.addLocalCandidate(candidate);
                candidate.getStunStack().addSocket(candidate.getStunSocket(null));
                component.getComponentSocket().add(socket);
                return List.of(candidate);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean isHostHarvester() {
            return true;
        }
    }

    private final class LogQueue extends Handler {
        @Override
        public void publish(LogRecord entry) {
            log.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
