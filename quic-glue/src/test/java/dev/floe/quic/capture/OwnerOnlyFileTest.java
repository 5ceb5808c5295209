package dev.floe.quic.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerOnlyFileTest {

    @TempDir
    private Path folder;

    @Test
    void newFilesAndThoseThatOthersCouldReadAreTheirOwnersAlone() throws IOException {
        Path open = Files.writeString(folder.resolve("open"), "CLIENT_RANDOM of before\n");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-rw-r--"));

        try (KeyLogFile keyLog = KeyLogFile.open(open);
                CaptureFile capture = CaptureFile.open(folder.resolve("new"))) {
            keyLog.accept("CLIENT_RANDOM of now");
            capture.tap("floe");
        }

        assertThat(open).hasContent("CLIENT_RANDOM of before\nCLIENT_RANDOM of now\n");
        for (Path file : new Path[] {open, folder.resolve("new")}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void captureOverwritesTheFileThatWasThere() throws IOException {
        Path file = Files.write(folder.resolve("old"), new byte[1 << 16]);

        CaptureFile.open(file).close();

        assertThat(CapturedFile.read(file).blocks()).containsExactly(new CapturedFile.Header());
    }

    @Test
    void whatCannotBeWrittenIsSaidInOneLine() {
        Path file = folder.resolve("nowhere").resolve("file");

        assertThatThrownBy(() -> CaptureFile.open(file))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot write " + file + ": no such folder");
        assertThatThrownBy(() -> KeyLogFile.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot write " + folder + ": ");
    }
}
