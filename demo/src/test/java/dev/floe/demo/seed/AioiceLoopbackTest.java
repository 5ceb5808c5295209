package dev.floe.demo.seed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.floe.ice.CandidatePair;
import dev.floe.ice.IceRole;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our agent and aioice's, each in either role. */
class AioiceLoopbackTest {
    /** Debian's, for which python3-aioice is a package. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final int LIMIT_SECONDS = 40;

    private static EventLoopGroup group;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @BeforeAll
    static void requireAioice() throws InterruptedException {
        boolean isThere;
        try {
            isThere = new ProcessBuilder(PYTHON, "-c", "import aioice").start().waitFor() == 0;
        } catch (IOException e) {
            isThere = false;
        }
        String reason = "needs " + PYTHON + " with aioice (Debian: python3-aioice)";
        if ("true".equals(System.getenv("CI"))) {
            assertThat(isThere).as(reason).isTrue();
        }
        assumeTrue(isThere, reason);
        group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    @AfterAll
    static void stop() {
        if (group != null) {
            group.shutdownGracefully().syncUninterruptibly();
        }
    }

    @ParameterizedTest
    @EnumSource(IceRole.class)
    void bothConnectAndDatagramsGoBothWays(IceRole role) throws Exception {
        Path script =
                Path.of(AioiceLoopbackTest.class.getResource("/aioice_peer.py").toURI());
        String other = role == IceRole.CONTROLLING ? "controlled" : "controlling";
        Process aioice = new ProcessBuilder(PYTHON, script.toString(), other)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (IceByTheBook ours = new IceByTheBook(group, role);
                var stdout = aioice.inputReader();
                var stdin = aioice.outputWriter()) {
            ours.channel().pipeline().addLast(new Listener());
            stdin.write(ours.describe() + "\n");
            stdin.flush();
            CandidatePair pair = ours.connect(stdout.readLine());
            ours.channel()
                    .writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer("from Floe", UTF_8), pair.remoteAddress()));

            assertThat(stdout.readLine()).isEqualTo("connected");
            assertThat(stdout.readLine()).isEqualTo("from Floe");
            assertThat(heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("from aioice");
            assertThat(aioice.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(aioice.exitValue()).isZero();
        } finally {
            aioice.destroyForcibly();
        }
    }

    /** Takes what ICE leaves. */
    private final class Listener extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            heard.add(packet.content().toString(UTF_8));
        }
    }
}
