package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WarmUpLoopbackTest {

    @Test
    void theWarmUpConnectsAndEchoes() {
        assertThat(WarmUp.once(PeerIdentity.generate())).isTrue();
    }
}
