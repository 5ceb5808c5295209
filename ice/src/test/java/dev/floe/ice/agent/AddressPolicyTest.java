package dev.floe.ice.agent;

import static dev.floe.ice.IceRole.CONTROLLED;
import static dev.floe.ice.IceRole.CONTROLLING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.floe.ice.AddressPolicy;
import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceEvent;
import dev.floe.ice.NatMapping;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AddressPolicyTest {

    private static final InetSocketAddress SERVER = ScriptedPeer.address("203.0.113.10", 3478);
    private static final InetSocketAddress MAPPED = ScriptedPeer.address("203.0.113.77", 50_000);
    private static final InetSocketAddress EXTERNAL = ScriptedPeer.address("203.0.113.99", 5000);
    private static final InetSocketAddress REMOTE = ScriptedPeer.address("198.51.100.20", 4000);
    private static final String NAME = "2f1b1a6e-6d5b-4c0f-9f53-0c1d2e3f4a5b.local";

    @ParameterizedTest
    @EnumSource(
            value = AddressPolicy.class,
            names = {"ALL", "DEFAULT_ROUTE"})
    void hostCandidatesAreToldByAddressUnlessTheyAreToBeHidden(AddressPolicy policy) {
        AgentDriver driver = gathered(builder().addressPolicy(policy), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(AgentDriver.HOST, MAPPED);
        assertThat(told(driver).get(1).relatedAddress()).isEqualTo(AgentDriver.HOST);
    }

    @Test
    void reflexiveOnlyTellsNothingOfTheHost() {
        AgentDriver driver = gathered(builder().addressPolicy(AddressPolicy.REFLEXIVE_ONLY), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(MAPPED);
        assertThat(told(driver).get(0).toSdp()).endsWith("typ srflx raddr 0.0.0.0 rport 9");
        assertThat(driver.events(IceEvent.LocalCandidateAdded.class))
                .extracting(IceEvent.LocalCandidateAdded::candidate)
                .isEqualTo(told(driver));
    }

    @Test
    void reflexiveOnlyStillChecksFromTheHostAndTellsAnAddressThatNoNatStandsBefore() {
        AgentDriver driver = AgentDriver.of(
                CONTROLLING,
                builder().addressPolicy(AddressPolicy.REFLEXIVE_ONLY).build());
        driver.gather(SERVER);
        map(driver, AgentDriver.HOST);
        driver.describe(ScriptedPeer.host(REMOTE, 1000)).runFor(5);

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(AgentDriver.HOST);
        assertThat(told(driver).get(0).type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
        assertThat(driver.requestsTo(REMOTE)).hasSize(1);
    }

    @Test
    void hiddenHostIsToldUnderItsNameAlone() {
        AgentDriver driver = gathered(builder().hidesHostAddresses(true), Map.of(AgentDriver.HOST.getAddress(), NAME));

        assertThat(told(driver)).extracting(Candidate::host).containsExactly(NAME, "203.0.113.77");
        assertThat(told(driver).get(0).address().getPort()).isEqualTo(AgentDriver.HOST.getPort());
        assertThat(told(driver).get(1).toSdp()).endsWith("raddr 0.0.0.0 rport 9");
        assertThat(driver.events.toString())
                .doesNotContain(AgentDriver.HOST.getAddress().getHostAddress());
    }

    @Test
    void hiddenHostThatNoNatStandsBeforeIsToldAsServerReflexiveToo() {
        AgentDriver driver =
                AgentDriver.of(CONTROLLED, builder().hidesHostAddresses(true).build());
        driver.gather(plan(Map.of(AgentDriver.HOST.getAddress(), NAME)));
        map(driver, AgentDriver.HOST);

        assertThat(told(driver)).extracting(Candidate::type).contains(CandidateType.SERVER_REFLEXIVE);
    }

    @Test
    void hiddenHostWithoutANameIsNotTold() {
        AgentDriver driver = gathered(builder().hidesHostAddresses(true), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(MAPPED);
    }

    @Test
    void mappedHostIsToldUnderItsExternalAddress() {
        AgentDriver driver = gathered(builder().natMapping(mapping(CandidateType.HOST)), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(EXTERNAL, MAPPED);
        assertThat(told(driver).get(0).type()).isEqualTo(CandidateType.HOST);
    }

    @Test
    void mappedAddressIsToldBesidesTheHost() {
        AgentDriver driver = gathered(builder().natMapping(mapping(CandidateType.SERVER_REFLEXIVE)), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(AgentDriver.HOST, EXTERNAL, MAPPED);
        assertThat(told(driver).get(1).type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
        assertThat(told(driver).get(1).relatedAddress()).isEqualTo(AgentDriver.HOST);
    }

    @Test
    void serverThatSeesTheMappedAddressAddsNothing() {
        AgentDriver driver = AgentDriver.of(
                CONTROLLED, builder().natMapping(mapping(CandidateType.HOST)).build());
        driver.gather(SERVER);
        map(driver, EXTERNAL);

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(EXTERNAL);
    }

    @Test
    void mappingOfAnotherHostChangesNothing() {
        InetAddress other = ScriptedPeer.address("192.0.2.11", 1).getAddress();
        NatMapping mapping = new NatMapping(Map.of(other, EXTERNAL.getAddress()), CandidateType.HOST);
        AgentDriver driver = gathered(builder().natMapping(mapping), Map.of());

        assertThat(told(driver)).extracting(Candidate::address).containsExactly(AgentDriver.HOST, MAPPED);
    }

    @Test
    void mappingThatCannotBeIsRefused() {
        InetAddress ipv6 = ScriptedPeer.address("2001:db8::1", 1).getAddress();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> mapping(CandidateType.RELAYED))
                .withMessageContaining("RELAYED");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NatMapping(Map.of(AgentDriver.HOST.getAddress(), ipv6), CandidateType.HOST))
                .withMessageContaining("one family");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .hidesHostAddresses(true)
                        .natMapping(mapping(CandidateType.HOST))
                        .build())
                .withMessageContaining("one of the two");
    }

    private static AgentDriver gathered(IceConfig.Builder config, Map<InetAddress, String> names) {
        AgentDriver driver = AgentDriver.of(CONTROLLED, config.build());
        driver.gather(plan(names));
        map(driver, MAPPED);
        return driver;
    }

    private static GatherPlan plan(Map<InetAddress, String> names) {
        return new GatherPlan(List.of(AgentDriver.HOST), AgentDriver.BASE, List.of(SERVER), 0, names);
    }

    private static IceConfig.Builder builder() {
        return IceConfig.builder(CONTROLLED);
    }

    private static NatMapping mapping(CandidateType type) {
        return new NatMapping(Map.of(AgentDriver.HOST.getAddress(), EXTERNAL.getAddress()), type);
    }

    private static List<Candidate> told(AgentDriver driver) {
        return driver.agent.localDescription().candidates();
    }

    private static void map(AgentDriver driver, InetSocketAddress mapped) {
        StunMessage query = driver.lastRequestTo(SERVER).message();
        driver.receive(
                StunMessage.success(query)
                        .add(new StunAttribute.XorMappedAddress(mapped))
                        .build(),
                SERVER);
    }
}
