package dev.floe.ice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceRole;
import dev.floe.ice.IceState;
import dev.floe.ice.agent.AgentDriver.Sent;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunAttributeType;
import dev.floe.stun.StunClass;
import dev.floe.stun.StunDecodeException;
import dev.floe.stun.StunMessage;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A whole session whose every step the fuzzer chooses: what a stranger sends, and what a hostile peer signs. */
class IceAgentFuzzTest {

    private static final int MAX_STEPS = 60;
    private static final long PACING_MILLIS = 5;
    private static final InetSocketAddress SERVER = ScriptedPeer.address("192.0.2.1", 3478);
    private static final Set<StunAttributeType> PROTECTION = Set.of(
            StunAttributeType.MESSAGE_INTEGRITY,
            StunAttributeType.MESSAGE_INTEGRITY_SHA256,
            StunAttributeType.FINGERPRINT);

    @FuzzTest
    void agentKeepsItsPromisesWhateverComes(FuzzedDataProvider data) {
        Session session = new Session(data);
        for (int step = 0; step < MAX_STEPS && data.remainingBytes() > 0; step++) {
            session.step();
        }
        session.driver.runFor(60_000);
        session.verify();
    }

    private static final class Session {
        private final FuzzedDataProvider data;
        private final IceRole role;
        private final AgentDriver driver;
        private final List<StunMessage> requestsOfThePeer = new ArrayList<>();
        private boolean isDescribed;

        Session(FuzzedDataProvider data) {
            this.data = data;
            role = data.pickValue(IceRole.values());
            driver = data.consumeBoolean() ? AgentDriver.of(role) : AgentDriver.withPlainPeer(role);
        }

        void step() {
            switch (data.consumeInt(0, 7)) {
                case 0 -> gather();
                case 1 -> describe();
                case 2 -> driver.runFor(data.consumeInt(0, 5_000));
                case 3 -> unauthenticated(junk());
                case 4 -> unauthenticated(forged());
                case 5 -> signedRequest();
                case 6 -> answer();
                default -> closeOrReplay();
            }
        }

        void verify() {
            assertOneRequestEachPacingInterval();
            for (Sent one : driver.sent) {
                assertThat(decode(one.message().toByteArray())).contains(one.message());
            }
            if (driver.agent.state() == IceState.COMPLETED) {
                assertThat(driver.agent.selectedPair()).isPresent();
            }
        }

        private void gather() {
            if (driver.agent.state() == IceState.NEW) {
                driver.gather(data.consumeBoolean() ? new InetSocketAddress[] {SERVER} : new InetSocketAddress[0]);
            }
        }

        private void describe() {
            if (!isDescribed) {
                isDescribed = true;
                List<Candidate> candidates = new ArrayList<>();
                for (int n = data.consumeInt(0, 8); n > 0; n--) {
                    candidates.add(ScriptedPeer.candidate(
                            data.pickValue(CandidateType.values()), "f" + n, address(), data.consumeInt(0, 65_535)));
                }
                driver.describe(candidates.toArray(Candidate[]::new));
            }
        }

        /** What nobody signed, or somebody else. */
        private Optional<StunMessage> junk() {
            return decode(data.consumeBytes(data.consumeInt(0, 120)));
        }

        /** A request or an answer that is right but for its signature. */
        private Optional<StunMessage> forged() {
            StunMessage.Builder builder = driver.sent.isEmpty() || data.consumeBoolean()
                    ? driver.peer.builder(new StunAttribute.UseCandidate(), roleAttribute())
                    : StunMessage.success(sent().message()).add(new StunAttribute.XorMappedAddress(address()));
            byte[] bytes = driver.peer.sign(builder).toByteArray();
            // Inside the integrity attribute, which stands before the eight bytes of the fingerprint.
            bytes[bytes.length - 8 - data.consumeInt(1, 20)] ^= (byte) data.consumeInt(1, 255);
            return decode(bytes);
        }

        private void unauthenticated(Optional<StunMessage> message) {
            driver.runFor(0);
            String before = state();
            message.ifPresent(stranger -> driver.receive(stranger, address()));
            assertThat(state()).isEqualTo(before);
        }

        private String state() {
            return driver.agent.state() + " " + driver.agent.role() + " " + driver.agent.selectedPair() + " "
                    + driver.sent.size() + " " + driver.events.size() + " " + driver.agent.deadlineNanos() + " "
                    + driver.agent.localDescription().candidates();
        }

        /** From the peer itself, with any contents. */
        private void signedRequest() {
            StunMessage.Builder builder = data.consumeBoolean()
                    ? driver.peer.builder()
                    : driver.peer.builderAs(data.consumeAsciiString(40) + ":" + data.consumeAsciiString(40));
            attributes(builder);
            StunMessage request = driver.peer.signed(builder);
            requestsOfThePeer.add(request);
            receiveSigned(request, address());
        }

        /** To what the agent has asked the peer or a server, from there or from elsewhere. */
        private void answer() {
            if (driver.sent.isEmpty()) {
                return;
            }
            Sent asked = sent();
            StunMessage.Builder builder = data.consumeBoolean()
                    ? StunMessage.success(asked.message())
                    : StunMessage.error(asked.message(), data.consumeInt(300, 699), data.consumeAsciiString(20));
            attributes(builder);
            StunMessage answer = asked.isTo(SERVER) ? builder.build() : driver.peer.sign(builder);
            receiveSigned(answer, data.consumeBoolean() ? asked.destination() : address());
        }

        private void closeOrReplay() {
            if (data.consumeBoolean() && !requestsOfThePeer.isEmpty()) {
                receiveSigned(data.pickValue(requestsOfThePeer), address());
            } else if (data.consumeInt(0, 9) == 0) {
                driver.close();
            }
        }

        private void receiveSigned(StunMessage message, InetSocketAddress sender) {
            driver.runFor(0);
            int before = driver.sent.size();
            boolean isOver = isOver();
            driver.receive(message, sender);
            List<Sent> caused = driver.sent.subList(before, driver.sent.size());
            assertThat(caused).hasSizeLessThanOrEqualTo(isOver ? 0 : 2);
            assertThat(caused.stream().filter(Sent::isRequest)).hasSizeLessThanOrEqualTo(1);
            assertThat(caused).filteredOn(one -> !one.isRequest()).allSatisfy(response -> {
                assertThat(message.messageClass()).isEqualTo(StunClass.REQUEST);
                assertThat(response.destination()).isEqualTo(sender);
                assertThat(response.message().transactionId()).isEqualTo(message.transactionId());
            });
        }

        private void attributes(StunMessage.Builder builder) {
            for (int n = data.consumeInt(0, 5); n > 0; n--) {
                builder.add(attribute());
            }
        }

        private StunAttribute attribute() {
            return switch (data.consumeInt(0, 6)) {
                case 0 -> new StunAttribute.UseCandidate();
                case 1 -> new StunAttribute.Nomination(data.consumeLong(0, 0xFFFF_FFFFL));
                case 2 -> new StunAttribute.Priority(data.consumeLong(0, 0xFFFF_FFFFL));
                case 3 -> new StunAttribute.XorMappedAddress(address());
                case 4 -> opaque(data.consumeInt(0, 0xFFFF), data.consumeBytes(24));
                default -> roleAttribute();
            };
        }

        private static StunAttribute opaque(int code, byte[] value) {
            StunAttributeType type = StunAttributeType.of(code);
            return PROTECTION.contains(type) ? new StunAttribute.UseCandidate() : new StunAttribute.Opaque(type, value);
        }

        private StunAttribute roleAttribute() {
            return data.consumeBoolean()
                    ? new StunAttribute.IceControlling(data.consumeLong())
                    : new StunAttribute.IceControlled(data.consumeLong());
        }

        private Sent sent() {
            return driver.sent.get(data.consumeInt(0, driver.sent.size() - 1));
        }

        private InetSocketAddress address() {
            String host =
                    data.pickValue(List.of("198.51.100.20", "203.0.113.5", "2001:db8::7", "192.0.2.10", "192.0.2.1"));
            return ScriptedPeer.address(host, host.equals("192.0.2.1") ? 3478 : data.consumeInt(4_000, 4_003));
        }

        private boolean isOver() {
            return driver.agent.state() == IceState.CLOSED || driver.agent.state() == IceState.FAILED;
        }

        private void assertOneRequestEachPacingInterval() {
            long last = Long.MIN_VALUE / 2;
            for (Sent one : driver.sent) {
                if (one.isRequest()) {
                    assertThat(one.atMillis() - last).isGreaterThanOrEqualTo(PACING_MILLIS);
                    last = one.atMillis();
                }
            }
        }

        private static Optional<StunMessage> decode(byte[] bytes) {
            try {
                return Optional.of(StunMessage.decode(Unpooled.wrappedBuffer(bytes)));
            } catch (StunDecodeException e) {
                return Optional.empty();
            }
        }
    }
}
