package dev.floe.demo;

import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.floe.demo.lab.Host;
import dev.floe.demo.lab.ProcessPeer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code floe demo --lab}, which builds its own network. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemoLabNetnsIT {
    @BeforeAll
    static void assume() {
        assumeLab();
        assumeCoturn();
    }

    @Test
    void peerThatGoesFromWifiToLteKeepsItsConnection() throws InterruptedException {
        try (ProcessPeer demo =
                ProcessPeer.floe(Host.local(), "demo", "--roam", "--lab", "port-restricted,address-restricted")) {
            CommandLineIT.assertRoam(demo);
            assertThat(demo.events("path-changed")).anySatisfy(change -> {
                assertThat(change.path("peer").asString()).isEqualTo("answerer");
                assertThat(change.path("from").asString()).contains(" > 198.51.100.2:");
                assertThat(change.path("to").asString()).contains(" > 198.51.100.130:");
            });
        }
    }

    @Test
    void labIsTakenDownWhenTheDemoIsStopped() throws Exception {
        Process process = Host.local().start(ProcessPeer.command("demo", "--roam", "--lab", "none,none", "--json"));
        try {
            String names = "floe-" + process.pid() + "-";
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            awaitProgress(lines);
            assertThat(namespaces()).contains(names);

            process.toHandle().destroy();
            List<String> rest = lines.lines().toList();
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(rest.get(rest.size() - 1)).contains("\"result\"").contains("stopped");
            assertThat(namespaces()).doesNotContain(names);
        } finally {
            process.toHandle().destroy();
        }
    }

    private static void awaitProgress(BufferedReader lines) throws IOException {
        String last = "nothing";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains("\"progress\"")) {
                return;
            }
            last = line;
        }
        fail("the demo has ended without progress; the last that it said: " + last);
    }

    private static String namespaces() throws Exception {
        Process list = Host.local().start(List.of("ip", "netns", "list"));
        return new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
