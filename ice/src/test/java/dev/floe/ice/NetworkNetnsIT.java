package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.stun.StunCodec;
import dev.floe.testing.NioLoops;
import dev.floe.testing.Requirement;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A session on a machine whose interfaces come and go, in a network namespace of its own. The session runs as a program
 * in there, which prints what it is told, and does what the test says through its standard input: shell commands.
 */
@Timeout(90)
class NetworkNetnsIT {

    private static final String ONE_NETWORK = """
            set -e
            ip link set lo up
            for name in wifi lte docker; do
                ip link add $name type veth peer name $name-end
                ip link set $name-end up
            done
            ip link set wifi up
            ip addr add 10.1.0.5/24 dev wifi
            ip route add default via 10.1.0.1
            """;

    private Process session;
    private BufferedReader said;

    @BeforeAll
    static void assumeNamespaces() throws Exception {
        try {
            Process probe = new ProcessBuilder("unshare", "--net", "sh", "-c", ONE_NETWORK)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (probe.waitFor() != 0) {
                Requirement.missing("no network namespaces on this machine: " + output);
            }
        } catch (IOException e) {
            Requirement.missing("no network namespaces on this machine", e);
        }
    }

    @Test
    void sessionFollowsItsMachineFromOneNetworkToAnother() throws Exception {
        start();
        try {
            await("candidate 10.1.0.5");
            await("gathered");

            run("ip link set lte up; ip addr add 10.2.0.5/24 dev lte");
            assertThat(until("candidate 10.2.0.5")).doesNotContain("changed");
            run("ip link set docker up; ip addr add 172.17.0.1/16 dev docker");
            assertThat(until("candidate 172.17.0.1")).doesNotContain("changed");

            run("ip link set wifi down");
            run("ip route add default via 10.2.0.1");
            await("changed");
            await("candidate 10.2.0.5");

            run("ip addr flush dev lte; ip link set lte down");
            run("ip link set wifi up; ip route add default via 10.1.0.1");
            await("changed");
            await("candidate 10.1.0.5");

            run("for i in 1 2 3 4 5 6 7 8 9 10; do ip link set docker down; ip link set docker up; done;"
                    + " ip addr add 172.18.0.1/16 dev docker");
            assertThat(until("candidate 172.18.0.1")).doesNotContain("changed");
        } finally {
            session.destroyForcibly().waitFor();
        }
    }

    private void start() throws IOException {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        session = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        ONE_NETWORK + "exec '" + java + "' -cp '" + System.getProperty("java.class.path") + "' '"
                                + Session.class.getName() + "'")
                .redirectErrorStream(true)
                .start();
        said = new BufferedReader(new InputStreamReader(session.getInputStream(), StandardCharsets.UTF_8));
    }

    private void run(String command) throws Exception {
        session.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        session.getOutputStream().flush();
    }

    private void await(String line) throws IOException {
        assertThat(until(line)).endsWith(line);
    }

    /** What is said until this line, the line included. */
    private List<String> until(String wanted) throws IOException {
        List<String> lines = new ArrayList<>();
        String line;
        do {
            line = said.readLine();
            assertThat(line).as("what follows " + lines).isNotNull();
            lines.add(line);
        } while (!line.equals(wanted));
        return lines;
    }

    static final class Session extends ChannelInboundHandlerAdapter {

        public static void main(String[] args) throws Exception {
            EventLoopGroup group = NioLoops.create(1);
            IceHandler ice = new IceHandler(IceConfig.builder(IceRole.CONTROLLING)
                    .addressPolicy(AddressPolicy.ALL)
                    .build());
            new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new StunCodec(), ice, new Session());
                        }
                    })
                    .bind(0)
                    .sync();
            ice.gather().get(20, TimeUnit.SECONDS);
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IceEvent.LocalCandidateAdded added) {
                System.out.println(
                        "candidate " + added.candidate().address().getAddress().getHostAddress());
            } else if (event instanceof IceEvent.GatheringCompleted) {
                System.out.println("gathered");
            } else if (event instanceof IceEvent.NetworkChanged) {
                System.out.println("changed");
            }
        }
    }
}
