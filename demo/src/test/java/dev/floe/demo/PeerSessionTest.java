package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.demo.report.Report;
import dev.floe.ice.Candidate;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.TrickleExchange;
import dev.floe.quic.QuicRole;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerSessionTest {

    private static final IceDescription LOCAL = description("aaaa", "offers");
    private static final IceDescription REMOTE = description("bbbb", "answers");

    /** Signaling that brings one description. */
    private record Signaling(Promise<IceDescription> remote) implements TrickleExchange.Session {
        @Override
        public void add(Candidate candidate) {}

        @Override
        public void end() {}
    }

    /** {@code offer --keep} goes on after a peer that it refuses, since that one has taken the offer. */
    @Test
    void descriptionHasComeEvenIfTheConnectionRefusesItAtOnce() {
        try (Report report = Report.text(false)) {
            PeerSession session = new PeerSession(QuicRole.SERVER, report.of(null), ImmediateEventExecutor.INSTANCE);
            Promise<QuicChannel> connecting = ImmediateEventExecutor.INSTANCE.newPromise();
            session.follow(connecting, connection -> {});
            Promise<IceDescription> signaled = ImmediateEventExecutor.INSTANCE.newPromise();

            session.reported((local, theirs) -> new Signaling(signaled))
                    .begin(LOCAL, null)
                    .remote()
                    .addListener((Future<IceDescription> heard) ->
                            connecting.setFailure(new CertificateException("no fingerprint")));
            signaled.setSuccess(REMOTE);

            assertThat(session.described().isSuccess()).isTrue();
            assertThat(session.ended().getNow().error()).isEqualTo("fingerprint-mismatch");
        }
    }

    private static IceDescription description(String usernameFragment, String role) {
        return new IceDescription(
                new IceCredentials(usernameFragment, "a-password-of-22-chars"), null, Set.of(role), List.of());
    }
}
