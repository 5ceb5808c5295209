package dev.floe.stun;

import static dev.floe.stun.NatBehavior.ADDRESS_AND_PORT_DEPENDENT;
import static dev.floe.stun.NatBehavior.ADDRESS_DEPENDENT;
import static dev.floe.stun.NatBehavior.ENDPOINT_INDEPENDENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.stun.NatFinding.AtLeast;
import dev.floe.stun.NatFinding.Known;
import dev.floe.stun.NatFinding.Unknown;
import dev.floe.stun.StunAttribute.ChangeRequest;
import dev.floe.stun.StunAttribute.OtherAddress;
import dev.floe.stun.StunAttribute.UnknownAttributes;
import dev.floe.stun.StunAttribute.XorMappedAddress;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5780, section 4, against NATs and servers of all kinds in virtual time. */
class NatBehaviorDiscoveryTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.10", 3478);
    private static final InetSocketAddress OTHER = new InetSocketAddress("192.0.2.11", 3479);

    private final SimulatedNat nat = new SimulatedNat();
    private final EmbeddedChannel channel = new EmbeddedChannel(nat, new StunClientHandler(500, 3, 2, 16));

    @ParameterizedTest
    @CsvSource({
        "ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT",
        "ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT",
        "ENDPOINT_INDEPENDENT, ADDRESS_AND_PORT_DEPENDENT",
        "ADDRESS_DEPENDENT, ADDRESS_DEPENDENT",
        "ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT",
        "ADDRESS_AND_PORT_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT"
    })
    void bothBehavioursAreFound(NatBehavior mapping, NatBehavior filtering) {
        nat.mapping = mapping;
        nat.filtering = filtering;

        assertThat(discover().getNow())
                .isEqualTo(new NatBehaviorReport(nat.mapped(SERVER), true, new Known(mapping), new Known(filtering)));
    }

    @Test
    void lossOfTwoDatagramsInThreeChangesNothing() {
        nat.lost = 2;
        nat.filtering = ADDRESS_DEPENDENT;

        assertThat(discover().getNow())
                .isEqualTo(new NatBehaviorReport(
                        nat.mapped(SERVER), true, new Known(ENDPOINT_INDEPENDENT), new Known(ADDRESS_DEPENDENT)));
    }

    @Test
    void serverWithoutSecondAddressLeavesBothUnknown() {
        nat.other = null;

        Unknown unknown = new Unknown("the server has no second address to test with");
        assertThat(discover().getNow()).isEqualTo(new NatBehaviorReport(nat.mapped(SERVER), true, unknown, unknown));
        assertThat(nat.requests).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.10, 3479",
        "192.0.2.11, 3478",
        "192.0.2.11, 0",
        "224.0.0.1, 3479",
        "0.0.0.0, 3479",
        "127.0.0.1, 3479",
        "2001:db8::1, 3479"
    })
    void nothingIsSentToASecondAddressThatCannotBe(String address, int port) {
        nat.other = new InetSocketAddress(address, port);

        assertThat(discover().getNow().mapping()).isInstanceOf(Unknown.class);
        assertThat(nat.requests).isEqualTo(1);
    }

    @Test
    void serverThatAnswersFromTheSameAddressAllTheSameProvesNothing() {
        nat.isChanging = false;

        assertThat(discover().getNow().filtering())
                .isEqualTo(new Unknown("asked to answer from elsewhere, the server answered from " + SERVER));
        assertThat(discover().getNow().mapping()).isEqualTo(new Known(ENDPOINT_INDEPENDENT));
    }

    @Test
    void serverThatRefusesToChangeProvesNothing() {
        nat.isRefusing = true;

        assertThat(discover().getNow().filtering())
                .isEqualTo(new Unknown("the server refuses the test with error 420"));
    }

    @Test
    void secondAddressThatIsSilentLeavesTheMappingUnknown() {
        nat.isSecondAddressSilent = true;
        nat.filtering = ADDRESS_DEPENDENT;

        NatBehaviorReport report = discover().getNow();
        assertThat(report.mapping())
                .isEqualTo(new Unknown("the server's second address does not answer: no answer from /192.0.2.11:3478"
                        + " to 3 requests"));
        assertThat(report.filtering()).isEqualTo(new Known(ADDRESS_DEPENDENT));
    }

    @Test
    void silenceFailsInTime() {
        nat.lost = Integer.MAX_VALUE;

        assertThat(discover().cause()).isInstanceOf(TimeoutException.class);
    }

    @Test
    void clientThatIsRemovedBetweenTwoTestsEndsThem() {
        nat.filtering = ADDRESS_AND_PORT_DEPENDENT;
        Future<NatBehaviorReport> report = new NatBehaviorDiscovery(channel).discover(SERVER);
        channel.runPendingTasks();
        assertThat(report.isDone()).isFalse();
        channel.pipeline().remove(StunClientHandler.class);

        assertThat(run(report).cause()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hairpinningIsKnownByAnAnswer() {
        NatBehaviorDiscovery discovery = new NatBehaviorDiscovery(channel);

        assertThat(run(discovery.hairpins(SERVER)).getNow()).isTrue();
        nat.lost = Integer.MAX_VALUE;
        assertThat(run(discovery.hairpins(SERVER)).getNow()).isFalse();
    }

    @Test
    void plainServersTellTogetherWhetherTheMappingDependsOnThem() {
        InetSocketAddress third = new InetSocketAddress("198.51.100.1", 3478);
        InetSocketAddress one = new InetSocketAddress("203.0.113.1", 1);
        InetSocketAddress two = new InetSocketAddress("203.0.113.1", 2);
        InetSocketAddress samePlace = new InetSocketAddress(SERVER.getAddress(), 1);

        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one, third, one)))
                .isEqualTo(new Known(ENDPOINT_INDEPENDENT));
        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one, third, two)))
                .isEqualTo(new AtLeast(ADDRESS_DEPENDENT));
        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one, third, two, samePlace, one)))
                .isEqualTo(new Known(ADDRESS_DEPENDENT));
        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one, samePlace, two)))
                .isEqualTo(new Known(ADDRESS_AND_PORT_DEPENDENT));
        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one, samePlace, one)))
                .isInstanceOf(Unknown.class);
        assertThat(NatBehaviorDiscovery.mapping(Map.of(SERVER, one))).isInstanceOf(Unknown.class);
        assertThat(NatBehaviorDiscovery.mapping(Map.of())).isInstanceOf(Unknown.class);
    }

    @Test
    void channelMustHaveAClient() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NatBehaviorDiscovery(new EmbeddedChannel()))
                .withMessage("a channel with a StunClientHandler is expected");
    }

    private Future<NatBehaviorReport> discover() {
        return run(new NatBehaviorDiscovery(channel).discover(SERVER));
    }

    /** For ten seconds, in which every test must be over. */
    private <T> Future<T> run(Future<T> future) {
        channel.freezeTime();
        for (int i = 0; i < 1000 && !future.isDone(); i++) {
            channel.runPendingTasks();
            channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
        }
        assertThat(future.isDone()).isTrue();
        return future;
    }

    /** A NAT, and behind it a server with four sockets. */
    private static final class SimulatedNat extends ChannelOutboundHandlerAdapter {
        NatBehavior mapping = ENDPOINT_INDEPENDENT;
        NatBehavior filtering = ENDPOINT_INDEPENDENT;
        InetSocketAddress other = OTHER;
        boolean isChanging = true;
        boolean isRefusing;
        boolean isSecondAddressSilent;
        int requests;
        int lost;

        private final Set<Object> sentTo = new HashSet<>();
        private final Map<TransactionId, Integer> tries = new HashMap<>();

        InetSocketAddress mapped(InetSocketAddress destination) {
            int port = switch (mapping) {
                case ENDPOINT_INDEPENDENT -> 1;
                case ADDRESS_DEPENDENT -> 1000 + destination.getAddress().getAddress()[3];
                case ADDRESS_AND_PORT_DEPENDENT ->
                    destination.getAddress().getAddress()[3] * 1000 + destination.getPort();
            };
            return new InetSocketAddress("203.0.113.1", port);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
            StunDatagram request = (StunDatagram) msg;
            promise.setSuccess();
            requests++;
            InetSocketAddress destination = request.recipient();
            sentTo.add(destination);
            sentTo.add(destination.getAddress());
            int number = tries.merge(request.content().transactionId(), 1, Integer::sum);
            boolean isSilent = isSecondAddressSilent && destination.getAddress().equals(OTHER.getAddress());
            if (number <= lost || isSilent) {
                return;
            }
            StunDatagram answer = answer(request.content(), destination);
            if (isLetIn(answer.sender())) {
                ctx.executor().execute(() -> ctx.fireChannelRead(answer));
            }
        }

        private StunDatagram answer(StunMessage request, InetSocketAddress asked) {
            ChangeRequest change = request.find(ChangeRequest.class).orElse(new ChangeRequest(false, false));
            InetSocketAddress source = isChanging && !isRefusing ? source(asked, change) : asked;
            StunMessage.Builder answer = StunMessage.success(request).add(new XorMappedAddress(mapped(asked)));
            if (isRefusing && request.has(ChangeRequest.class)) {
                answer = StunMessage.error(request, 420, "")
                        .add(new UnknownAttributes(List.of(StunAttributeType.CHANGE_REQUEST)));
            } else if (other != null) {
                answer.add(new OtherAddress(other));
            }
            return new StunDatagram(answer.build(), mapped(asked), source);
        }

        private static InetSocketAddress source(InetSocketAddress asked, ChangeRequest change) {
            boolean isOtherAddress = change.changeIp() == asked.getAddress().equals(SERVER.getAddress());
            boolean isOtherPort = change.changePort() == (asked.getPort() == SERVER.getPort());
            return new InetSocketAddress(
                    (isOtherAddress ? OTHER : SERVER).getAddress(), (isOtherPort ? OTHER : SERVER).getPort());
        }

        private boolean isLetIn(InetSocketAddress source) {
            return switch (filtering) {
                case ENDPOINT_INDEPENDENT -> true;
                case ADDRESS_DEPENDENT -> sentTo.contains(source.getAddress());
                case ADDRESS_AND_PORT_DEPENDENT -> sentTo.contains(source);
            };
        }
    }
}
