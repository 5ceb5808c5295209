package dev.floe.quic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuicWarmUpTest {

    @Test
    void handshakeAndEchoSucceedInMemoryEachTime() {
        PeerIdentity identity = PeerIdentity.generate();
        assertThat(QuicWarmUp.run(identity)).isTrue();
        assertThat(QuicWarmUp.run(identity)).isTrue();
    }
}
