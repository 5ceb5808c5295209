package dev.floe.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code floe} beside {@code floe.jar}. */
@Timeout(60)
class StartScriptIT {

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final Path SCRIPT = Path.of(System.getProperty("floe.jar")).resolveSibling("floe");

    /** What a run of the script has come to. */
    private record Run(int exitCode, String said) {}

    @TempDir
    private Path folder;

    @Test
    void scriptIsFoundThroughALinkAndPassesItsArgumentsOn() throws Exception {
        Path build = Files.createSymbolicLink(folder.resolve("a folder"), SCRIPT.getParent());
        Path link = Files.createSymbolicLink(folder.resolve("floe"), build.resolve("floe"));

        Run run = run(link, Map.of("JAVA_HOME", JAVA_HOME.toString()), "answer", "a room", "--json");

        assertThat(run.exitCode()).isNotZero();
        assertThat(run.said()).contains("\"event\":\"result\"").contains("a room");
    }

    @Test
    void javaOfThePathWillDo() throws Exception {
        Run run = run(SCRIPT, Map.of("PATH", JAVA_HOME.resolve("bin") + ":" + System.getenv("PATH")), "--version");

        assertThat(run.exitCode()).isZero();
        assertThat(run.said()).startsWith("floe ");
    }

    @Test
    void javaThatIsTooOldIsRefusedInOneLine() throws Exception {
        Path old = fakeJava("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");

        Run run = run(SCRIPT, Map.of("JAVA_HOME", old.toString()), "demo");

        assertThat(run)
                .isEqualTo(new Run(1, "floe: " + old + "/bin/java is Java 11; Java 17 or a later one is needed\n"));
    }

    @Test
    void releaseFileTellsTheVersionWithoutAJvm() throws Exception {
        Path old = fakeJava("echo this must not run >&2");
        Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n");

        Run run = run(SCRIPT, Map.of("JAVA_HOME", old.toString()), "demo");

        assertThat(run)
                .isEqualTo(new Run(1, "floe: " + old + "/bin/java is Java 8; Java 17 or a later one is needed\n"));
    }

    @Test
    void homeWithoutJavaIsNamed() throws Exception {
        Run run = run(SCRIPT, Map.of("JAVA_HOME", folder.toString()), "demo");

        assertThat(run).isEqualTo(new Run(1, "floe: JAVA_HOME is " + folder + ", where there is no bin/java\n"));
    }

    private Path fakeJava(String script) throws IOException {
        Path java = Files.createDirectories(folder.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\n" + script + "\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return folder.toRealPath();
    }

    private static Run run(Path script, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), said);
    }
}
