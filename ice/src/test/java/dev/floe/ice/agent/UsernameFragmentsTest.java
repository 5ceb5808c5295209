package dev.floe.ice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceRole;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** By what checks for an agent are told from those for others on the same socket. */
class UsernameFragmentsTest {

    private static final long START = 0;

    private final IceAgent agent =
            new IceAgent(IceConfig.builder(IceRole.CONTROLLING).build(), new Random(7), START);

    @Test
    void agentGoesByItsDescriptionsFromTheBeginning() {
        assertThat(agent.usernameFragments()).containsExactly(described());
    }

    @Test
    void freshCredentialsComeBesideTheOthers() {
        IceCredentials fresh = agent.newCredentials();

        assertThat(agent.usernameFragments()).containsExactlyInAnyOrder(described(), fresh.usernameFragment());
    }

    @Test
    void restartBringsItsOwn() {
        String before = described();
        agent.restart(START);

        assertThat(described()).isNotEqualTo(before);
        assertThat(agent.usernameFragments()).contains(described());
    }

    @Test
    void thereAreNeverManyOfThem() {
        for (int i = 0; i < 100; i++) {
            agent.newCredentials();
            agent.restart(START);
            agent.newCredentials();
        }

        assertThat(agent.usernameFragments()).hasSizeLessThanOrEqualTo(8);
    }

    private String described() {
        return agent.localDescription().credentials().usernameFragment();
    }
}
