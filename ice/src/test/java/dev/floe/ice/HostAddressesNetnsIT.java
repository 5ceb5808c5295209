package dev.floe.ice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.floe.testing.Requirement;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A machine with two networks, the default route over one of them, in a network namespace of its own. */
@Timeout(60)
class HostAddressesNetnsIT {

    // fd01::6 is deprecated; to fd02::1:2:3:4 the kernel adds a temporary address, which it prefers to it.
    private static final String TWO_NETWORKS = """
            set -e
            ip link set lo up
            for name in near far; do
                ip link add $name type veth peer name $name-end
                ip link set $name-end up
                ip link set $name up
            done
            ip addr add 10.1.0.5/24 dev near
            ip addr add 10.2.0.254/24 dev far
            ip route add default via 10.1.0.1
            sysctl -qw net.ipv6.conf.far.accept_dad=0
            sysctl -qw net.ipv6.conf.far.use_tempaddr=2
            ip -6 addr add fd01::5/64 dev near nodad
            ip -6 addr add fd01::6/64 dev near nodad preferred_lft 0
            ip -6 addr add fd02::1:2:3:4/64 dev far nodad mngtmpaddr valid_lft 86400 preferred_lft 14400
            while ip -6 addr show dev far | grep 'temporary.*tentative' > /dev/null; do sleep 0.1; done
            """;

    @BeforeAll
    static void assumeNamespaces() throws Exception {
        try {
            Process probe = new ProcessBuilder("unshare", "--net", "sh", "-c", TWO_NETWORKS)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            skipUnless(probe.waitFor() == 0, output);
        } catch (IOException e) {
            skipUnless(false, e.getMessage());
        }
    }

    @Test
    void defaultRouteIsTheOneNetworkThatItGoesOver() throws Exception {
        assertThat(addresses(AddressPolicy.DEFAULT_ROUTE)).containsExactly("10.1.0.5");
    }

    @Test
    void allAreBothNetworksWithTheAddressesThatTheSystemPrefers() throws Exception {
        List<String> all = addresses(AddressPolicy.ALL);

        assertThat(all).hasSize(4).startsWith("10.1.0.5").contains("10.2.0.254 alone", "fd01:0:0:0:0:0:0:5 alone");
        assertThat(all)
                .filteredOn(address -> address.startsWith("fd02:"))
                .singleElement()
                .isNotEqualTo("fd02:0:0:0:1:2:3:4 alone");
        assertThat(all.get(1)).startsWith("fd");
        assertThat(all.get(2)).startsWith("10.");
    }

    private static List<String> addresses(AddressPolicy policy) throws Exception {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        String script = TWO_NETWORKS + "exec '" + java + "' -cp '" + System.getProperty("java.class.path") + "' '"
                + PrintAddresses.class.getName() + "' " + policy;
        Process process = new ProcessBuilder("unshare", "--net", "sh", "-c", script)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output.strip()
                .lines()
                .map(line -> line.replaceFirst("%\\w+", ""))
                .toList();
    }

    private static void skipUnless(boolean isPossible, String reason) {
        if (!isPossible) {
            Requirement.missing("no network namespaces on this machine: " + reason);
        }
    }

    static final class PrintAddresses {
        public static void main(String[] args) throws Exception {
            IceConfig config = IceConfig.builder(IceRole.CONTROLLED)
                    .addressPolicy(AddressPolicy.valueOf(args[0]))
                    .build();
            HostAddresses found =
                    HostAddresses.of(config, InetAddress.getByName("::"), List.of(), Set.of(), HostNetwork.SYSTEM);
            found.main().forEach(address -> System.out.println(address.getHostAddress()));
            found.others().forEach(address -> System.out.println(address.getHostAddress() + " alone"));
        }
    }
}
