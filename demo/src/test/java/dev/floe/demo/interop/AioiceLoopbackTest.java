package dev.floe.demo.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceRole;
import dev.floe.testing.Requirement;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our agent and aioice's, each in either role. */
@Timeout(60)
class AioiceLoopbackTest {
    /** Debian's, for which python3-aioice is a package. */
    private static final String PYTHON = "/usr/bin/python3";

    private static EventLoopGroup group;

    @BeforeAll
    static void requireAioice() throws InterruptedException {
        Requirement.runs("python3-aioice", PYTHON, "-c", "import aioice");
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    @AfterAll
    static void stop() {
        if (group != null) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectAndDatagramsGoBothWays(IceRole role) throws Exception {
        Process aioice = start(role == IceRole.CONTROLLING ? "controlled" : "controlling");
        try (FloeAgent ours = new FloeAgent(group, role, new InetSocketAddress(0).getAddress());
                BufferedReader stdout = aioice.inputReader()) {
            Writer stdin = aioice.outputWriter();
            stdin.write(String.join("\n", SdpText.of(ours.describe())) + "\n\n");
            stdin.flush();
            CandidatePair pair = ours.connect(SdpText.parse(readParagraph(stdout)));
            ours.send(pair, "from Floe");
            assertThat(ours.awaitDatagram()).asString(UTF_8).isEqualTo("from aioice");
            assertThat(stdout.readLine()).isEqualTo("from Floe");
            ours.awaitConsent();
            stdin.close();
            assertThat(aioice.waitFor(20, TimeUnit.SECONDS)).isTrue();
            ForeignLog log = new ForeignLog();
            aioice.errorReader().lines().forEach(log::add);
            assertThat(aioice.exitValue()).as(log.toString()).isZero();
            ours.report("aioice", pair, log.await("ICE completed"));
        } finally {
            aioice.destroyForcibly();
        }
    }

    private static Process start(String role) throws Exception {
        Path script =
                Path.of(AioiceLoopbackTest.class.getResource("/aioice_peer.py").toURI());
        return new ProcessBuilder(PYTHON, script.toString(), role).start();
    }

    private static List<String> readParagraph(BufferedReader reader) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = reader.readLine();
        while (line != null && !line.isEmpty()) {
            lines.add(line);
            line = reader.readLine();
        }
        return lines;
    }
}
